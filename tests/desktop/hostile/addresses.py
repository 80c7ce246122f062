"""Where a request says that it goes, and who it says that it comes from."""

from .attack import CHANGE, PAGE, Attack, Request


def host(name: str, value: str | None, status: int = 421) -> Attack:
    return Attack(f"host: {name}", PAGE, PAGE.but(host=value), status)


def target(name: str, value: str, status: int = 400) -> Attack:
    return Attack(f"target: {name}", PAGE, PAGE.but(target=value), status)


def believed(name: str, **headers: str) -> Attack:
    return Attack(f"proxy: {name} is not believed", PAGE, PAGE.but(**headers), 200, harmless=True)


OLD = PAGE.but(version=" HTTP/1.0")

ATTACKS = [
    host("missing", None),
    host("empty", ""),
    host("foreign", "evil.example"),
    host("foreign with our port, as after a rebinding", "evil.example:PORT"),
    host("without the port", "127.0.0.1"),
    host("localhost without the port", "localhost"),
    host("another port", "127.0.0.1:1"),
    host("port with a leading zero", "127.0.0.1:0PORT"),
    host("port followed by more", "127.0.0.1:PORT.evil.example"),
    host("two ports", "127.0.0.1:PORT:PORT"),
    host("trailing dot", "localhost.:PORT"),
    host("trailing dot of an address", "127.0.0.1.:PORT"),
    host("a name that begins like ours", "localhost.evil.example:PORT"),
    host("an address that begins like ours", "127.0.0.1.evil.example:PORT"),
    host("a name under localhost", "evil.localhost:PORT"),
    host("capitals", "LOCALHOST:PORT"),
    host("user information", "127.0.0.1:PORT@evil.example"),
    host("user information before ours", "evil@127.0.0.1:PORT"),
    host("0.0.0.0", "0.0.0.0:PORT"),
    host("another loopback address", "127.0.0.2:PORT"),
    host("shortened address", "127.1:PORT"),
    host("decimal address", "2130706433:PORT"),
    host("octal address", "0177.0.0.1:PORT"),
    host("IPv6 loopback", "[::1]:PORT"),
    host("IPv4 in IPv6", "[::ffff:127.0.0.1]:PORT"),
    host("IPv6 unspecified", "[::]:PORT"),
    host("two in one line", "127.0.0.1:PORT, evil.example"),
    host("a space within", "127.0.0.1:PORT evil.example"),
    host("with a scheme", "http://127.0.0.1:PORT"),
    host("with a path", "127.0.0.1:PORT/"),
    host("letters that look like ours", "l\xf6calhost:PORT"),
    host("percent-encoded", "127.0.0.1%3APORT"),
    Attack("host: twice", PAGE, PAGE.and_also(("Host", "evil.example")), 400),
    Attack("host: twice the same", PAGE, PAGE.and_also(("Host", "127.0.0.1:PORT")), 400),
    Attack("host: missing in HTTP/1.0", OLD, OLD.but(host=None), 421),
    Attack(
        "host: foreign, ours in X-Forwarded-Host",
        PAGE,
        PAGE.but(host="evil.example", x_forwarded_host="127.0.0.1:PORT"),
        421,
    ),
    Attack(
        "host: foreign, ours in Forwarded",
        PAGE,
        PAGE.but(host="evil.example", forwarded='host="127.0.0.1:PORT"'),
        421,
    ),
    Attack(
        "host: foreign, ours in X-Host",
        PAGE,
        PAGE.but(host="evil.example", x_host="127.0.0.1:PORT"),
        421,
    ),
    target("absolute", "http://127.0.0.1:PORT/page"),
    target("absolute of another host", "http://evil.example/page"),
    target("absolute with another scheme", "https://127.0.0.1:PORT/page"),
    target("without a slash", "page"),
    target("asterisk", "*"),
    target("only a query", "?a=1"),
    target("only a fragment", "#page"),
    target("backslash first", "\\page"),
    target("backslash and host", "\\\\evil.example/page"),
    target("a file", "file:///etc/passwd"),
    target("NUL, encoded", "/page%00.html"),
    target("NUL, raw", "/page\0"),
    target("a tab", "/pa\tge"),
    target("a space", "/pa ge"),
    target("another control character", "/page\x7f"),
    target("a carriage return", "/page\rX: y"),
    Attack(
        "target: asterisk with OPTIONS",
        PAGE.but(method="GET"),
        PAGE.but(method="OPTIONS", target="*"),
        400,
    ),
    Attack(
        "target: host and port, with CONNECT",
        PAGE,
        PAGE.but(method="CONNECT", target="evil.example:443"),
        405,
    ),
    Attack(
        "target: the shell's own path, encoded, by a stranger",
        CHANGE,
        CHANGE.but(target="/%5Fdesktop%2Fquit", cookie=None),
        403,
    ),
    Attack(
        "target: the shell's own path behind two slashes, by a stranger",
        CHANGE,
        CHANGE.but(target="//_desktop/quit", cookie=None),
        403,
    ),
    Attack(
        "target: an open path with dots to a closed one, by a stranger",
        PAGE,
        PAGE.but(target="/_desktop/health/../../page", cookie=None),
        403,
    ),
    Attack(
        "target: an open path with a closed one behind a semicolon, by a stranger",
        PAGE,
        PAGE.but(target="/_desktop/health;/../page", cookie=None),
        403,
    ),
    Attack(
        "target: an open path in the fragment, by a stranger",
        PAGE,
        PAGE.but(target="/page#/_desktop/health", cookie=None),
        403,
    ),
    Attack(
        "target: an open path in the query, by a stranger",
        PAGE,
        PAGE.but(target="/page?/_desktop/health", cookie=None),
        403,
    ),
    Attack(
        "proxy: X-Original-URL names an open path, by a stranger",
        PAGE,
        PAGE.but(x_original_url="/_desktop/health", cookie=None),
        403,
    ),
    Attack(
        "proxy: X-Forwarded-For of this machine, by a stranger",
        PAGE,
        PAGE.but(x_forwarded_for="127.0.0.1", cookie=None),
        403,
    ),
    believed("X-Forwarded-For", x_forwarded_for="203.0.113.9"),
    believed("X-Forwarded-Host", x_forwarded_host="evil.example"),
    believed("X-Forwarded-Proto", x_forwarded_proto="https"),
    believed("X-Forwarded-Port", x_forwarded_port="443"),
    believed("X-Forwarded-Prefix", x_forwarded_prefix="/evil"),
    believed("X-Forwarded-Server", x_forwarded_server="evil.example"),
    believed("Forwarded", forwarded="for=203.0.113.9;host=evil.example;proto=https"),
    believed("X-Real-IP", x_real_ip="203.0.113.9"),
    believed("X-Original-URL", x_original_url="/other"),
    believed("X-Rewrite-URL", x_rewrite_url="/other"),
    believed("Proxy (httpoxy, CVE-2016-5385)", proxy="http://evil.example:8080"),
    Attack(
        "proxy: a header with an underscore for a hyphen",
        PAGE,
        Request(headers=(*PAGE.headers, ("X_Forwarded_For", "203.0.113.9"))),
        200,
        harmless=True,
    ),
]
