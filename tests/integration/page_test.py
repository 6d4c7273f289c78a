#!/usr/bin/python3
#   page_test.py - the page in a real browser: sign in, see the devices, and a value change while it is looked at
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
from body import Body
from browser import Browser


class Page(Body):
    brokers = True

    def test_page_signs_in_and_shows_a_live_value(self):
        with Browser() as browser, self.device() as device:
            browser.open(self.url + "/")
            browser.fill("input[name=username]", "admin")
            browser.fill("input[name=password]", harness.PASSWORD)
            browser.click("form button[type=submit], form button:not([type])")
            device.publish("devices/page-1/telemetry", json.dumps({"id": "a", "temperature": 11.25}))
            device.flush()
            browser.wait("document.body.innerText.includes ('page-1') && document.body.innerText.includes ('11.25')", "the device")
            device.publish("devices/page-1/telemetry", json.dumps({"id": "b", "temperature": 47.75}))
            device.flush()
            browser.wait("document.body.innerText.includes ('47.75')", "the value that was pushed")
            self.assertEqual(browser.complaints(), [])

    def test_page_shows_very_small_and_very_large_numbers_with_an_exponent(self):
        values = {"tiny": 5e-324, "huge": 1e300, "small": 0.0001, "large": 123456789, "zero": 0}
        with Browser() as browser, self.device() as device:
            browser.open(self.url + "/")
            browser.fill("input[name=username]", "admin")
            browser.fill("input[name=password]", harness.PASSWORD)
            browser.click("form button[type=submit], form button:not([type])")
            device.publish("devices/page-2/telemetry", json.dumps({"id": "a", **values}))
            device.flush()
            browser.wait("document.querySelector ('[data-device=page-2] [data-metric=zero]')", "the device")
            #   The other end of all numbers: the line between the two has a place for either.
            #   Pushed, one after the other: a reading that came before the link was live, or at the same time as another,
            #   would be no point of the line.
            browser.wait("document.querySelector ('[data-device=page-2] .state')?.textContent === 'live'", "the live link")
            for id, value, shown in (("b", 1.7e308, "1.7E308"), ("c", -1.7e308, "-1.7E308")):
                device.publish("devices/page-2/telemetry", json.dumps({"id": id, "ends": value}))
                device.flush()
                browser.wait("document.querySelector ('[data-device=page-2] [data-metric=ends] .number')?.textContent === "
                             f"{json.dumps(shown)}", f"the value {value}")
            browser.wait("document.querySelector ('[data-device=page-2] [data-metric=ends] polyline')?.points.length === 2", "the line")
            shown = json.loads(browser.evaluate("""JSON.stringify (Object.fromEntries (
                [...document.querySelectorAll ('[data-device=page-2] [data-metric]')].map (
                    (row) => [row.dataset.metric, row.querySelector ('.number').textContent])))"""))
            self.assertEqual(shown, {"tiny": "5E-324", "huge": "1E300", "small": "0.0001", "large": "123,457,000", "zero": "0",
                                     "ends": "-1.7E308"})
            self.assertEqual(browser.complaints(), [])

    def test_page_says_that_a_password_is_wrong(self):
        with Browser() as browser:
            browser.open(self.url + "/")
            browser.fill("input[name=username]", "admin")
            browser.fill("input[name=password]", "not the password")
            browser.click("form button[type=submit], form button:not([type])")
            browser.wait("document.querySelector ('[role=alert]')?.innerText.trim ()", "a message")


if __name__ == "__main__":
    harness.main()
