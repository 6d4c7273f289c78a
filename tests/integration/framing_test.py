#!/usr/bin/python3
#   framing_test.py - bytes that are no sound HTTP/1.1 request: refused, the connection closed, and never a second answer
#
#   A request that two readers would cut differently is how one is smuggled past a proxy; each of these is answered once
#   and ends the connection, so that what hides behind it is never read.
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness
from body import Body

HIDDEN = "GET /health/live HTTP/1.1\r\nHost: hidden\r\n\r\n"


class Framing(Body):
    def statuses(self, text):
        answer = self.http.raw(text.encode("latin-1"))
        return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d\d\d)", answer)]

    def once(self, status, text):
        """One answer, and the server closed: `raw` has read to the end."""
        got = self.statuses(text)
        self.assertEqual(len(got), 1, (text[:200], got))
        self.assertIn(got[0], status if isinstance(status, tuple) else (status,), text[:200])

    def closed(self, text):
        """At most one refusal, and the server closed."""
        got = self.statuses(text)
        self.assertLessEqual(len(got), 1, (text[:200], got))
        self.assertTrue(all(400 <= one < 600 for one in got), (text[:200], got))

    def request(self, *headers, method="POST", path="/api/auth/login", body="", host=True):
        lines = [f"{method} {path} HTTP/1.1"] + (["Host: localhost"] if host else []) + list(headers)
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def tearDown(self):
        #   Whatever it was, the next one is served.
        self.assertEqual(self.http.request("GET", "/health/live")[0], 200)

    def test_sound_request_is_answered(self):
        self.once(200, self.request("Connection: close", method="GET", path="/health/live"))

    def test_content_length_with_transfer_encoding_is_refused(self):
        self.once((400, 501), self.request("Content-Type: application/json", "Content-Length: 4", "Transfer-Encoding: chunked",
                                           body="0\r\n\r\n" + HIDDEN))
        self.once((400, 501), self.request("Transfer-Encoding: chunked", "Content-Type: application/json", "Content-Length: 4",
                                           body="0\r\n\r\n" + HIDDEN))

    def test_transfer_encoding_is_refused(self):
        for value in ("chunked", "identity", "xchunked", "gzip, chunked"):
            self.once((400, 501), self.request("Content-Type: application/json", "Transfer-Encoding: " + value, body="0\r\n\r\n" + HIDDEN))

    def test_two_content_lengths_are_refused(self):
        for first, second in (("2", "2"), ("2", "60")):
            self.once(400, self.request("Content-Type: application/json", "Content-Length: " + first, "Content-Length: " + second,
                                        body="{}" + HIDDEN))

    def test_content_length_that_is_no_number_is_refused(self):
        for value in ("2,2", "+2", "2abc", "-2", "0x2", "99999999999", "2 2", ""):
            self.once((400, 413), self.request("Content-Type: application/json", "Content-Length: " + value, body="{}" + HIDDEN))

    def test_two_hosts_are_refused(self):
        self.once(400, self.request("Host: other", "Connection: close", method="GET", path="/health/live"))

    def test_missing_host_is_refused(self):
        self.once(400, self.request("Connection: close", method="GET", path="/health/live", host=False))

    def test_two_authorizations_are_refused(self):
        self.once(400, self.request("Authorization: Bearer " + self.http.token, "Authorization: Bearer x", method="GET", path="/api/devices"))

    def test_body_of_a_get_is_refused(self):
        self.once(400, self.request("Content-Length: %d" % len(HIDDEN), method="GET", path="/health/live", body=HIDDEN))

    def test_h2c_upgrade_is_refused(self):
        #   As a request without the upgrade, or not at all: never 101.
        got = self.statuses(self.request("Connection: Upgrade, HTTP2-Settings, close", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
                                         method="GET", path="/health/live"))
        self.assertNotIn(101, got)
        self.assertLessEqual(len(got), 1)
        self.assertTrue(all(400 <= one < 600 for one in got), got)

    def test_http2_preface_is_refused(self):
        self.closed("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0" * 9)

    def test_garbage_is_refused(self):
        for text in ("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + "\xaa" * 500, "garbage\r\n\r\n", "\0" * 2000 + "\r\n\r\n", "GET\r\n\r\n",
                     "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "\r\n" * 5 + "x y z w\r\n\r\n"):
            self.closed(text)

    def test_headers_larger_than_8_kib_are_refused(self):
        self.closed(self.request("X-Long: " + "a" * 20000, method="GET", path="/health/live"))


if __name__ == "__main__":
    harness.main()
