import pytest

from pbx_lite.errors import ParseError
from pbx_lite.sip import digest
from pbx_lite.sip.digest import DigestServer, Result, Verdict, authorize, is_stale, response_for, strongest
from pbx_lite.sip.headers import parse_credentials
from pbx_lite.sip.message import Request, Response, response

PASSWORDS = {"101": "secret101", 'an"na': "pässword"}


_UNCHECKED = 'Digest username="101", realm="pbx.home", nonce="n", uri="sip:x", response="00"'


@pytest.fixture
def server() -> DigestServer:
    return DigestServer("pbx.home", secret=b"k" * 32)


def register() -> Request:
    return Request("REGISTER", "sip:pbx.home", [("Call-ID", "1")])


def challenge(server: DigestServer, now: float, *, stale: bool = False) -> Response:
    values = [("WWW-Authenticate", value) for value in server.challenges(now, stale)]
    return response(register(), 401, headers=values)


def answered(
    server: DigestServer,
    now: float,
    username: str = "101",
    password: str = "secret101",
    counts: dict[str, int] | None = None,
) -> Request:
    request = register()
    assert authorize(challenge(server, now), request, username, password, nonce_counts={} if counts is None else counts)
    return request


def verify(server: DigestServer, request: Request, now: float) -> Verdict:
    return server.verify(request, now, PASSWORDS.get)


# Vectors


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616_section_3_9_1_come_out(algorithm: str, expected: str) -> None:
    asked = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    value = response_for(
        "GET", "/dir/index.html", asked, "Mufasa", "Circle of Life",
        client_nonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )  # fmt: skip
    scheme, fields = parse_credentials(value)
    assert scheme == "digest"
    assert fields == {
        "username": "Mufasa",
        "realm": "http-auth@example.org",
        "uri": "/dir/index.html",
        "algorithm": algorithm,
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "qop": "auth",
        "response": expected,
        "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    }


def test_the_example_of_rfc_2617_section_3_5_comes_out() -> None:
    asked = 'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    value = response_for("GET", "/dir/index.html", asked, "Mufasa", "Circle Of Life", client_nonce="0a4f113b")
    assert parse_credentials(value)[1]["response"] == "6629fae49393a05397450978507c4ef1"
    assert "algorithm" not in value


def test_the_example_of_rfc_2069_comes_out_without_qop() -> None:
    asked = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    fields = parse_credentials(response_for("GET", "/dir/index.html", asked, "Mufasa", "CircleOfLife"))[1]
    assert fields["response"] == "1949323746fe6a43ef61f9606e7febea"
    assert not fields.keys() & {"nc", "cnonce", "qop"}


def test_session_algorithms_are_answered() -> None:
    asked = 'Digest realm="r", qop="auth", nonce="n", algorithm=MD5-sess'
    fields = parse_credentials(response_for("GET", "/", asked, "u", "p", client_nonce="c"))[1]
    assert fields["algorithm"] == "MD5-sess"
    assert fields["response"] == "6e4aac8b22e97762f88ccd0d5ccf5b1d"


# Client


def test_the_client_picks_sha_256_where_it_is_offered(server: DigestServer) -> None:
    value = answered(server, 0).headers.get("Authorization")
    assert value is not None
    assert parse_credentials(value)[1]["algorithm"] == "SHA-256"


def test_the_client_takes_md5_where_nothing_better_is_offered() -> None:
    values = ['Digest realm="r", nonce="n", algorithm=SHA-512-256', 'Digest realm="r", nonce="n", qop="auth-int"',
              'Basic realm="r"', 'Digest realm="r", nonce="m"', 'Digest realm="r"']  # fmt: skip
    assert strongest(values) == values[3]
    assert strongest(values[:3]) is None
    assert strongest(["", "Digest", '"', "Digest a", 'Digest realm="x, y']) is None


def test_several_challenges_in_one_line_are_told_apart() -> None:
    best = 'Digest realm="a, b", nonce="m", algorithm=SHA-256'
    assert strongest([f'Basic realm="x", Digest realm="a, b", nonce="n", algorithm=MD5, {best}']) == best


def test_the_client_counts_each_use_of_a_nonce() -> None:
    counts: dict[str, int] = {}
    answer = Response(401, headers=[("WWW-Authenticate", 'Digest realm="r", nonce="n", qop="auth"')])
    request = register()
    for expected in ("00000001", "00000002"):
        assert authorize(answer, request, "u", "p", nonce_counts=counts)
        (value,) = request.headers.all("Authorization")
        assert parse_credentials(value)[1]["nc"] == expected
    for number in range(200):
        other = Response(401, headers=[("WWW-Authenticate", f'Digest realm="r", nonce="{number}", qop="auth"')])
        authorize(other, request, "u", "p", nonce_counts=counts)
    assert len(counts) == 64


def test_a_proxy_is_answered_in_its_own_header_and_every_realm_by_itself() -> None:
    answer = Response(
        407,
        headers=[
            ("Proxy-Authenticate", 'Digest realm="a", nonce="1"'),
            ("Proxy-Authenticate", 'Digest realm="b", nonce="2", algorithm=SHA-256'),
            ("Proxy-Authenticate", 'Digest realm="b", nonce="2", algorithm=MD5'),
        ],
    )
    request = register()
    assert authorize(answer, request, "u", "p", nonce_counts={})
    realms = [parse_credentials(value)[1]["realm"] for value in request.headers.all("Proxy-Authorization")]
    assert realms == ["a", "b"]
    assert "Authorization" not in request.headers


def test_a_challenge_that_cannot_be_answered_is_told() -> None:
    for values in (["Basic realm=x"], ['Digest realm="r", nonce="n", algorithm=FUTURE'], []):
        answer = Response(401, headers=[("WWW-Authenticate", value) for value in values])
        assert not authorize(answer, register(), "u", "p", nonce_counts={})
    for value in (
        "Basic realm=x",
        'Digest realm="r"',
        'Digest nonce="n", qop="auth-int"',
        'Digest nonce="n", algorithm=X',
    ):
        with pytest.raises(ParseError):
            response_for("GET", "/", value, "u", "p")


def test_a_stale_challenge_is_told_from_a_wrong_password(server: DigestServer) -> None:
    assert is_stale(challenge(server, 0, stale=True))
    assert not is_stale(challenge(server, 0))
    assert not is_stale(Response(401, headers=[("WWW-Authenticate", '"')]))


# Server


@pytest.mark.parametrize("algorithm", ["SHA-256", "MD5"])
@pytest.mark.parametrize(("username", "password"), PASSWORDS.items())
def test_the_right_password_is_accepted(server: DigestServer, algorithm: str, username: str, password: str) -> None:
    (offered,) = [value for value in server.challenges(0) if f"algorithm={algorithm}," in value]
    request = register()
    request.headers.add("Authorization", response_for("REGISTER", request.uri, offered, username, password))
    verdict = verify(server, request, 1)
    assert verdict == Verdict(Result.ACCEPTED, username)
    assert verdict.accepted


def test_proxy_authorization_counts_as_well(server: DigestServer) -> None:
    request = register()
    value = response_for("REGISTER", request.uri, server.challenges(0)[0], "101", "secret101")
    request.headers.add("Proxy-Authorization", value)
    assert verify(server, request, 1).accepted


def test_a_wrong_password_and_an_unknown_user_are_the_same(server: DigestServer) -> None:
    assert verify(server, answered(server, 0, password="guess"), 0) == Verdict(Result.WRONG, "101")
    assert verify(server, answered(server, 0, username="999"), 0) == Verdict(Result.WRONG, "999")


def test_an_unknown_user_costs_the_same_work(server: DigestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = digest._response

    def noted(method: str, fields: dict[str, str], password: str) -> str:
        seen.append(password)
        return real(method, fields, password)

    known, unknown = answered(server, 0, password="guess"), answered(server, 0, username="999")
    monkeypatch.setattr(digest, "_response", noted)
    verify(server, known, 0)
    verify(server, unknown, 0)
    assert len(seen) == 2
    assert all(seen)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "NoOneKnowsThisScheme opaque-data=here",
        "Basic dXNlcjpwYXNz",
        'Digest realm="pbx.home"',
        'Digest username="101", realm="other", nonce="n", uri="sip:x", response="00"',
        f"{_UNCHECKED}, algorithm=SHA-1",
        f'{_UNCHECKED}, qop=auth-int, nc=00000001, cnonce="c"',
        f'{_UNCHECKED}, qop=auth, nc=1, cnonce="c"',
        f'{_UNCHECKED}, qop=auth, nc=0000000g, cnonce="c"',
        f"{_UNCHECKED}, qop=auth, nc=00000001",
        f"{_UNCHECKED}, nc=00000001",
        'Digest username="101, realm="pbx.home"',
        "\x00",
    ],
)
def test_credentials_that_say_nothing_are_missing(server: DigestServer, value: str | None) -> None:
    request = register()
    if value is not None:
        request.headers.add("Authorization", value)
    assert verify(server, request, 0) == Verdict(Result.MISSING)


def test_credentials_for_another_realm_do_not_stand_in_the_way(server: DigestServer) -> None:
    request = register()
    request.headers.add("Authorization", 'Digest username="x", realm="other", nonce="n", uri="sip:x", response="0"')
    request.headers.add("Authorization", answered(server, 0).headers.get("Authorization"))
    assert verify(server, request, 0).accepted


def test_a_nonce_count_is_accepted_once(server: DigestServer) -> None:
    request = answered(server, 0)
    assert verify(server, request, 1).accepted
    assert verify(server, request, 1) == Verdict(Result.STALE, "101")


def test_a_rising_nonce_count_is_accepted_and_a_falling_one_is_not(server: DigestServer) -> None:
    offered = server.challenges(0)[0]

    def use(count: int) -> Result:
        request = register()
        value = response_for("REGISTER", request.uri, offered, "101", "secret101", nonce_count=count)
        request.headers.add("Authorization", value)
        return verify(server, request, 1).result

    assert [use(count) for count in (1, 2, 9, 3, 9, 10, 0)] == [
        Result.ACCEPTED, Result.ACCEPTED, Result.ACCEPTED, Result.STALE, Result.STALE, Result.ACCEPTED, Result.STALE,
    ]  # fmt: skip


def test_a_client_without_qop_may_use_a_nonce_once(server: DigestServer) -> None:
    offered = server.challenges(0)[1].replace(', qop="auth"', "")
    request = register()
    request.headers.add("Authorization", response_for("REGISTER", request.uri, offered, "101", "secret101"))
    assert verify(server, request, 1).accepted
    assert verify(server, request, 1).result is Result.STALE


def test_an_old_nonce_is_stale_only_for_who_knows_the_password(server: DigestServer) -> None:
    assert verify(server, answered(server, 0), 60).accepted
    assert verify(server, answered(server, 0), 61).result is Result.STALE
    assert verify(server, answered(server, 0, password="guess"), 61).result is Result.WRONG


def test_a_nonce_of_another_server_or_of_the_future_is_stale(server: DigestServer) -> None:
    other = DigestServer("pbx.home", secret=b"x" * 32)
    assert verify(server, answered(other, 0), 0).result is Result.STALE
    assert verify(server, answered(server, 100), 0).result is Result.STALE
    for nonce in ("", "n", "00", "é", "00" * 32):
        request = register()
        asked = f'Digest realm="pbx.home", nonce="{nonce}", qop="auth"'
        request.headers.add("Authorization", response_for("REGISTER", request.uri, asked, "101", "secret101"))
        assert verify(server, request, 0).result is Result.STALE


def test_credentials_fit_one_method_alone(server: DigestServer) -> None:
    request = answered(server, 0)
    request.method = "INVITE"
    assert verify(server, request, 0).result is Result.WRONG


def test_every_challenge_has_a_nonce_of_its_own(server: DigestServer) -> None:
    assert challenge(server, 0).headers.all("WWW-Authenticate") != challenge(server, 0).headers.all("WWW-Authenticate")


def test_memory_is_bounded_and_what_is_forgotten_cannot_be_replayed(
    server: DigestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "_MAX_NONCES", 5)
    requests = [answered(server, now / 100) for now in range(20)]
    for request in requests:
        assert verify(server, request, 1).accepted
    assert len(server._counts) == 5
    for request in requests:
        assert verify(server, request, 1).result is Result.STALE


def test_counts_of_nonces_past_their_time_are_forgotten(server: DigestServer) -> None:
    request = answered(server, 0)
    verify(server, request, 0)
    verify(server, answered(server, 100), 100)
    assert len(server._counts) == 1
    assert verify(server, request, 100).result is Result.STALE


def test_guesses_take_no_memory(server: DigestServer) -> None:
    for _ in range(50):
        verify(server, answered(server, 0, password="guess"), 0)
    assert not server._counts
