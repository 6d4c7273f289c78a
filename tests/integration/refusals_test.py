#!/usr/bin/python3
#   refusals_test.py - who may not, and what is no request: each gets the right status, as problem+json
import os
import secrets
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import forge
import harness
from body import Body
from websocket import Refused, WebSocket


class Refusals(Body):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = forge.server_key(cls.folder)

    def refused(self, status, method, path, body=None, name=None, **headers):
        """The answer is that status and a problem of RFC 9457."""
        got, fields, problem = self.http.request(method, path, body, {key.replace("_", "-"): value for key, value in headers.items()})
        self.assertEqual(got, status, (method, path, problem))
        self.assertEqual(fields["content-type"].split(";")[0], "application/problem+json")
        self.assertEqual(problem["status"], status)
        self.assertTrue(problem["type"].startswith("/problems/"), problem)
        self.assertTrue(problem["title"])
        if name:
            self.assertEqual(problem["type"], "/problems/" + name)
        return fields, problem

    def with_token(self, token):
        return {"Authorization": "Bearer " + token}

    def test_wrong_password_is_401(self):
        self.refused(401, "POST", "/api/auth/login", {"username": "admin", "password": "not the password"}, Authorization="")
        self.refused(401, "POST", "/api/auth/login", {"username": "nobody-of-that-name", "password": "not the password"}, Authorization="")

    def test_forged_token_of_the_right_key_is_taken(self):
        #   The others below are refused for what they say, and not because they were forged badly.
        status, _, _ = self.http.request("GET", "/api/devices", headers=self.with_token(forge.token(self.key)))
        self.assertEqual(status, 200)

    def test_bad_tokens_are_401(self):
        now = int(time.time())
        wrong = {
            "expired": forge.token(self.key, iat=now - 1200, exp=now - 600),
            "never expires": forge.token(self.key, exp=None),
            "another key": forge.token(secrets.randbelow(forge.N - 1) + 1),
            "another key, our kid": forge.token(secrets.randbelow(forge.N - 1) + 1, {"kid": forge.thumbprint(self.key)}),
            "alg none": forge.token(self.key, {"alg": "none"}),
            "alg HS256": forge.token(self.key, {"alg": "HS256"}),
            "no kid": forge.token(self.key, {"kid": None}),
            "another typ": forge.token(self.key, {"typ": "JWT"}),
            "another issuer": forge.token(self.key, iss="somebody"),
            "another audience": forge.token(self.key, aud="somebody"),
            "no subject": forge.token(self.key, sub=None),
            "a changed claim": ".".join((forge.token(self.key).split(".")[0], forge.token(self.key, sub="1").split(".")[1],
                                         forge.token(self.key).split(".")[2])),
            "no token": "garbage",
            "empty": "",
        }
        for what, token in wrong.items():
            with self.subTest(what):
                fields, _ = self.refused(401, "GET", "/api/devices", **self.with_token(token))
                self.assertIn("www-authenticate", fields)
        self.refused(401, "GET", "/api/devices", Authorization="Basic YWRtaW46YWRtaW4=")

    def test_no_token_is_401(self):
        self.refused(401, "GET", "/api/devices", Authorization="")

    def test_missing_scope_is_403(self):
        self.refused(403, "GET", "/api/devices", **self.with_token(forge.token(self.key, scope="user")))
        self.refused(403, "GET", "/api/devices", **self.with_token(forge.token(self.key, scope="")))
        name = "reader-" + secrets.token_hex(4)
        status, _, user = self.http.request("POST", "/api/users", {"username": name, "password": "a password of theirs", "roles": ["reader"]})
        self.assertIn(status, (200, 201), user)
        reader = harness.Http(self.http.port).login(name, "a password of theirs")
        self.assertIn("items", reader.get("/api/devices"))
        self.refused(403, "POST", "/api/users", {"username": "x", "password": "a password of theirs", "roles": ["admin"]},
                     **self.with_token(reader.token))

    def test_unknown_route_is_404(self):
        self.refused(404, "GET", "/api/no/such/thing")
        self.refused(404, "GET", "/api/devices/nobody-has-seen-it")

    def test_wrong_method_is_405_and_says_which(self):
        fields, _ = self.refused(405, "DELETE", "/api/devices")
        self.assertIn("GET", fields["allow"])

    def test_bad_json_is_400(self):
        for body in ('{"username": ', "[1, 2", "\x00", '{"a": 1} {"b": 2}'):
            self.refused(400, "POST", "/api/auth/login", body, Authorization="", Content_Type="application/json")

    def test_bad_fields_are_422_all_at_once(self):
        _, problem = self.refused(422, "POST", "/api/auth/login", {"username": 7, "surplus": 1}, Authorization="")
        self.assertEqual({error["pointer"] for error in problem["errors"]}, {"/username", "/password", "/surplus"})
        _, problem = self.refused(422, "GET", "/api/devices?limit=100000")
        self.assertEqual([error["pointer"] for error in problem["errors"]], ["/limit"])

    def test_wrong_media_type_is_415(self):
        self.refused(415, "POST", "/api/auth/login", "username=admin", Authorization="", Content_Type="application/x-www-form-urlencoded")

    def test_oversize_body_is_413(self):
        self.refused(413, "POST", "/api/auth/login", '{"username": "' + "a" * (2 << 20) + '"}', Authorization="", Content_Type="application/json")

    def test_websocket_needs_a_token_or_a_ticket_used_once(self):
        def upgrade(**headers):
            with WebSocket(self.http.port, "/ws/events?topics=iot.telemetry.*", {key.replace("_", "-"): value for key, value in headers.items()}):
                pass
        protocol = "zooid.v1"
        for headers in ({}, {"Authorization": "Bearer garbage"}, {"Sec_WebSocket_Protocol": protocol + ", ticket.never-given"}):
            with self.subTest(headers), self.assertRaises(Refused) as refused:
                upgrade(**{"Sec_WebSocket_Protocol": protocol, **headers})
            self.assertEqual(refused.exception.status, 401)
        ticket = self.http.request("POST", "/api/auth/ticket", {})[2]["ticket"]
        offered = f"{protocol}, ticket.{ticket}"
        upgrade(Sec_WebSocket_Protocol=offered)
        with self.assertRaises(Refused) as refused:
            upgrade(Sec_WebSocket_Protocol=offered)
        self.assertEqual(refused.exception.status, 401)

    def test_websocket_of_a_foreign_origin_is_403(self):
        with self.assertRaises(Refused) as refused, \
                WebSocket(self.http.port, "/ws/events?topics=iot.telemetry.*",
                          {"Authorization": "Bearer " + self.http.token, "Origin": "http://evil.example", "Sec-WebSocket-Protocol": "zooid.v1"}):
            pass
        self.assertEqual(refused.exception.status, 403)


if __name__ == "__main__":
    harness.main()
