"""Forms of a request that no browser sends, among them those that smuggle a second one."""

from dataclasses import replace

from .attack import CHANGE, NOTHING, PAGE, Attack

KEPT = CHANGE.but(connection=None)
"""Over a connection that stays open, where what follows could be taken for another request."""

HIDDEN = CHANGE.but(target="/hidden").text()
CHUNKED = KEPT.but(content_length=None).and_also(("Transfer-Encoding", "chunked"))
STRANGER = replace(CHANGE.but(cookie=None), body="")
CHUNKS = "3\r\na=1\r\n0\r\n\r\n"


def length(name: str, value: str, status: int = 400) -> Attack:
    hostile = replace(KEPT.but(content_length=value), body="a=1" + HIDDEN)
    return Attack(f"length: {name}", CHANGE, hostile, status)


def coding(name: str, line: tuple[str, str], status: int = 411, *, both: bool = False) -> Attack:
    """A body in chunks, however it is called, followed by a hidden request."""
    base = KEPT if both else KEPT.but(content_length=None)
    hostile = replace(base.and_also(line), body=CHUNKS + HIDDEN)
    return Attack(f"coding: {name}", CHANGE, hostile, status)


def method(name: str, value: str, status: int = 405) -> Attack:
    return Attack(f"method: {name}", PAGE, PAGE.but(method=value), status)


def line(name: str, raw: str, status: int = 400) -> Attack:
    """A raw line put in among the headers of a page's request."""
    text = PAGE.text().replace("Cookie: ", f"{raw}\r\nCookie: ", 1)
    return Attack(f"header: {name}", PAGE, text, status)


def override(name: str, value: str) -> Attack:
    return Attack(
        f"method: GET with {name}", PAGE, PAGE.but(**{name.replace("-", "_"): value}), 400
    )


ATTACKS = [
    length("twice, different", "3\r\nContent-Length: 40"),
    length("twice, the same", "3\r\nContent-Length: 3"),
    length("a list", "3, 3"),
    length("negative", "-1"),
    length("with a plus", "+3"),
    length("hexadecimal", "0x3"),
    length("with a fraction", "3.0"),
    length("with an underscore", "0_3"),
    length("other digits", "\xb2"),
    length("empty", ""),
    length("words", "three"),
    length("beyond any number", "9" * 5000, 413),
    length("beyond what is taken", "9" * 14, 413),
    Attack(
        "length: a body with GET, followed by a hidden request",
        PAGE,
        replace(PAGE.but(connection=None, content_length="3"), body="a=1" + HIDDEN),
        400,
    ),
    coding("chunked", ("Transfer-Encoding", "chunked")),
    coding("chunked and a length", ("Transfer-Encoding", "chunked"), 400, both=True),
    coding("in capitals and a length", ("TRANSFER-ENCODING", "CHUNKED"), 400, both=True),
    coding("identity", ("Transfer-Encoding", "identity")),
    coding("identity and a length", ("Transfer-Encoding", "identity"), 400, both=True),
    coding("unknown", ("Transfer-Encoding", "xchunked")),
    coding("compressed", ("Transfer-Encoding", "gzip, chunked")),
    coding("chunked twice in a line", ("Transfer-Encoding", "chunked, chunked")),
    coding("chunked first and another last", ("Transfer-Encoding", "chunked, identity")),
    coding("a tab before the name of it", ("Transfer-Encoding", "\tchunked")),
    coding("vertical tab before it", ("Transfer-Encoding", "\x0bchunked")),
    coding("next-line character behind it", ("Transfer-Encoding", "chunked\x85")),
    coding("quoted", ("Transfer-Encoding", '"chunked"')),
    coding("empty", ("Transfer-Encoding", "")),
    coding("a space before the colon", ("Transfer-Encoding ", "chunked"), 400),
    coding("in two lines", ("Transfer-Encoding", "identity\r\nTransfer-Encoding: chunked"), 400),
    coding("folded", ("Transfer-Encoding", "\r\n chunked"), 400),
    coding(
        "behind a bare line feed", ("X-Nothing", "a\nTransfer-Encoding: chunked"), 400, both=True
    ),
    Attack(
        "coding: chunked in HTTP/1.0",
        CHANGE,
        replace(CHUNKED.but(version=" HTTP/1.0"), body=CHUNKS + HIDDEN),
        411,
    ),
    Attack(
        "coding: a chunk extension with a line feed",
        CHANGE,
        replace(CHUNKED, body="3;a\n=b\r\na=1\r\n0\r\n\r\n" + HIDDEN),
        411,
    ),
    Attack(
        "coding: a chunk extension without end",
        CHANGE,
        replace(CHUNKED, body="3;" + "a" * 20_000),
        411,
    ),
    Attack("coding: a chunk of negative size", CHANGE, replace(CHUNKED, body="-3\r\na=1\r\n"), 411),
    Attack(
        "coding: a header in the trailer",
        CHANGE,
        replace(CHUNKED, body="3\r\na=1\r\n0\r\nHost: evil.example\r\n\r\n"),
        411,
    ),
    Attack(
        "form: a body that never comes whole", CHANGE, CHANGE.but(content_length="300"), NOTHING
    ),
    method("TRACE", "TRACE"),
    method("TRACK", "TRACK"),
    method("CONNECT", "CONNECT"),
    method("DEBUG", "DEBUG"),
    method("PROPFIND", "PROPFIND"),
    method("made up", "BREW"),
    method("in small letters", "get", 400),
    method("with a control character", "GE\x01T", 400),
    method("missing", "", 400),
    override("X-HTTP-Method-Override", "DELETE"),
    override("X-HTTP-Method", "PUT"),
    override("X-Method-Override", "POST"),
    Attack("version: none, as in HTTP/0.9", PAGE, PAGE.but(version=""), 505),
    Attack("version: 0.9", PAGE, PAGE.but(version=" HTTP/0.9"), 505),
    Attack("version: 1.2", PAGE, PAGE.but(version=" HTTP/1.2"), 505),
    Attack("version: 2.0", PAGE, PAGE.but(version=" HTTP/2.0"), 505),
    Attack("version: a long number", PAGE, PAGE.but(version=" HTTP/1.10"), 505),
    Attack("version: in small letters", PAGE, PAGE.but(version=" http/1.1"), 505),
    Attack("version: another protocol", PAGE, PAGE.but(version=" RTSP/1.0"), 505),
    Attack("version: behind two spaces", PAGE, PAGE.but(version="  HTTP/1.1"), 400),
    Attack("version: the preface of HTTP/2", PAGE, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    Attack(
        "upgrade: to HTTP/2 in clear text",
        PAGE,
        PAGE.but(connection="Upgrade, HTTP2-Settings", upgrade="h2c", http2_settings="AAMAAABk"),
        400,
    ),
    Attack("upgrade: HTTP2-Settings alone", PAGE, PAGE.but(http2_settings="AAMAAABk"), 400),
    Attack(
        "upgrade: to a WebSocket, from our own page",
        PAGE,
        PAGE.but(
            connection="Upgrade",
            upgrade="websocket",
            origin="http://127.0.0.1:PORT",
            sec_websocket_version="13",
            sec_websocket_key="dGhlIHNhbXBsZSBub25jZQ==",
        ),
        400,
    ),
    Attack("upgrade: to TLS", PAGE, PAGE.but(connection="Upgrade", upgrade="TLS/1.0"), 400),
    line("folded", "X-Nothing: a\r\n b"),
    line("folded at the beginning", " X-Nothing: a"),
    line("NUL in the value", "X-Nothing: a\0b"),
    line("NUL in the name", "X-No\0thing: a"),
    line("a bare line feed", "X-Nothing: a\nX-More: b"),
    line("a bare carriage return", "X-Nothing: a\rX-More: b"),
    line("without a colon", "X-Nothing"),
    line("without a name", ": a"),
    line("a space in the name", "X Nothing: a"),
    line("a space before the colon", "X-Nothing : a"),
    line("brackets in the name", "X-(Nothing): a"),
    line("too large", "X-Nothing: " + "a" * 70_000, 431),
    line("too many", "\r\n".join(f"X-{number}: a" for number in range(9_000)), 431),
    Attack("form: a target that is too long", PAGE, PAGE.but(target="/" + "a" * 70_000), 431),
    Attack("form: lines that end with a line feed alone", PAGE, replace(PAGE, end="\n"), NOTHING),
    Attack(
        "form: lines that end with a carriage return alone", PAGE, replace(PAGE, end="\r"), NOTHING
    ),
    Attack(
        "form: a greeting in TLS", PAGE, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", NOTHING
    ),
    Attack(
        "form: commands of another protocol",
        PAGE,
        "EHLO evil.example\r\nMAIL FROM: <a@evil.example>\r\n\r\n",
        505,
    ),
    Attack(
        "form: a stranger's upload is refused before it is sent",
        CHANGE,
        STRANGER.but(content_length="3000000"),
        403,
    ),
    Attack(
        "form: a stranger who waits to be asked for an upload is not asked",
        CHANGE,
        STRANGER.but(content_length="3000000", expect="100-continue"),
        403,
    ),
    Attack(
        "form: an upload to an open path is small",
        CHANGE,
        STRANGER.but(target="/_desktop/handover", content_length="3000000"),
        413,
    ),
]
