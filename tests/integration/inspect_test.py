#!/usr/bin/python3
#   inspect_test.py - the actor `system` over HTTP: who may look, who may change, and an event that somebody publishes by hand
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
from body import Body, Events

SAMPLE = {"device": "by_hand", "id": "1", "measured_at": "2026-01-02T03:04:05.678Z", "received_at": "2026-01-02T03:04:05.700Z",
          "metrics": {"temperature": 21.5}}


class Inspect(Body):
    LISTS = ("actors", "dispatchers", "subscriptions", "dead")

    def signed_in(self, username):
        return harness.Http(self.node.port).login(username, f"{username}-{username}")

    def test_operator_may_look_and_not_change(self):
        operator = self.signed_in("operator")
        for name in self.LISTS:
            self.assertIn("next", operator.get(f"/api/system/{name}?limit=2"))
        self.assertEqual(operator.get("/api/system/log_level"), {"level": "info"})
        for name, body in (("log_level", {"level": "debug"}), ("publish", {"topic": "iot.telemetry.by_hand", "payload": SAMPLE})):
            status, _, problem = operator.request("POST", f"/api/system/{name}", body)
            self.assertEqual((status, problem["type"]), (403, "/problems/denied"))
        self.assertEqual(self.http.get("/api/system/log_level"), {"level": "info"})

    def test_reader_may_not_look(self):
        reader = self.signed_in("reader")
        for name in self.LISTS + ("log_level",):
            self.assertEqual(reader.request("GET", f"/api/system/{name}")[0], 403)

    def test_actors_of_the_body_are_shown_with_their_operations(self):
        actors = {actor["name"]: actor for actor in self.http.get("/api/system/actors?limit=200")["items"]}
        self.assertLessEqual({"auth", "iot", "analytics", "gateway", "system", "control"}, set(actors))
        self.assertIn("iot.get", actors["iot"]["operations"])
        self.assertTrue(all(actor["answers"] and actor["started"] for actor in actors.values()))
        dispatchers = {dispatcher["name"] for dispatcher in self.http.get("/api/system/dispatchers")["items"]}
        self.assertLessEqual({actor["dispatcher"] for actor in actors.values()}, dispatchers)
        subscriptions = [(row["pattern"], row["actor"]) for row in self.http.get("/api/system/subscriptions")["items"]]
        self.assertIn(("iot.telemetry.*", "analytics"), subscriptions)

    def test_event_published_by_hand_is_seen_as_any_other(self):
        with Events(self.http, "iot.telemetry.by_hand") as events:
            status, _, published = self.http.request("POST", "/api/system/publish", {"topic": "iot.telemetry.by_hand", "payload": SAMPLE})
            self.assertEqual((status, published["topic"]), (200, "iot.telemetry.by_hand"))
            self.assertEqual(published["subscriptions"], 2)         # The gateway's, and that of analytics
            self.assertEqual(events.next("iot.telemetry.by_hand"), SAMPLE)

    def test_event_that_is_none_is_refused(self):
        status, _, problem = self.http.request("POST", "/api/system/publish", {"topic": "iot.telemetry.by_hand", "payload": {"device": 5}})
        self.assertEqual((status, problem["type"]), (422, "/problems/invalid"))
        self.assertEqual(problem["errors"][0]["pointer"], "/payload/device")
        status, _, problem = self.http.request("POST", "/api/system/publish", {"topic": "iot.telemtry.by_hand", "payload": SAMPLE})
        self.assertEqual((status, problem["type"]), (404, "/problems/unknown_topic"))
        self.assertIn("did you mean `iot.telemetry.by_hand`?", problem["detail"])


if __name__ == "__main__":
    harness.main()
