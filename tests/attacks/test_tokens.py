"""JOSE: tokens that were forged, and what an honest LMS would never sign."""

import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.attacks import jose
from tests.attacks.target import Target
from tests.gateway.lms import CLAIM, rsa_key

STRANGER = "a stranger's key"


@pytest.mark.parametrize(
    "alg",
    ["none", "None", "NONE", "nOnE", "", " none", "none\0", None, 0, False, [], ["RS256"], {}],
)
@pytest.mark.parametrize("signature", ["", "true"])
def test_a_token_without_an_algorithm(target: Target, alg: Any, signature: str) -> None:
    header = jose.HEADER | {"alg": alg}
    if not signature:
        token = jose.signing_input(target.claims(), header) + "."
    else:
        token = jose.rs256(target.claims(), rsa_key("lms"), header)
    target.refuses(token, "algorithm-refused")


@pytest.mark.parametrize(
    "alg",
    ["RS384", "RS512", "PS256", "ES256", "HS256", "EdDSA", "rs256", "RS256 ", "RS25６", "dir"],
)
def test_another_algorithm_than_the_one(target: Target, alg: str) -> None:
    token = jose.rs256(target.claims(), rsa_key("lms"), jose.HEADER | {"alg": alg})
    target.refuses(token, "algorithm-refused")


def secrets_of_everybody() -> dict[str, bytes]:
    key = rsa_key("lms")
    jwk = jose.jwk(key)
    return {
        "pem": jose.pem(key),
        "pem without its last line end": jose.pem(key).strip(),
        "der": jose.der(key),
        "jwk": json.dumps(jwk).encode(),
        "jwk sorted": json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode(),
        "modulus": jwk["n"].encode(),
        "kid": b"key-1",
        "empty": b"",
        "zero": b"\0",
    }


@pytest.mark.parametrize("name", sorted(secrets_of_everybody()))
@pytest.mark.parametrize("alg", ["HS256", "RS256"])
def test_a_mac_whose_secret_is_what_everybody_knows(target: Target, name: str, alg: str) -> None:
    """HS/RS confusion: the tool knows the LMS's public key, and so does everybody."""
    secret = secrets_of_everybody()[name]
    token = jose.hs256(target.claims(), secret, jose.HEADER | {"alg": alg})
    target.refuses(token, "algorithm-refused", "signature-wrong")


@pytest.mark.parametrize(
    "named",
    [
        {"jwk": jose.jwk(rsa_key(STRANGER))},
        {"jwk": jose.jwk(rsa_key(STRANGER)), "kid": None},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert.pem"},
        {"x5c": [jose.encoded(jose.der(rsa_key(STRANGER)))]},
        {"x5t": "AAAA", "x5t#S256": "AAAA"},
        {"jku": "https://lms.example/jwks/client-1#@evil.example"},
    ],
    ids=lambda named: "+".join(named),
)
def test_a_header_that_brings_its_own_key(target: Target, named: dict[str, Any]) -> None:
    """What it names is not even read: no call is made."""
    before = sum(target.tool.http.calls.values())
    target.refuses(jose.rs256(target.claims(), rsa_key(STRANGER), jose.HEADER | named), "signature")
    assert sum(target.tool.http.calls.values()) - before <= 1
    assert not any("evil" in url for url in target.tool.http.calls)


@pytest.mark.parametrize(
    "kid",
    [
        "../../../../dev/null",
        "/dev/null",
        "file:///etc/passwd",
        "https://evil.example/jwks",
        "key-1' OR '1'='1",
        "x' UNION SELECT 'secret' --",
        "key-1; DROP TABLE logins",
        "key-1|id",
        "$(id)",
        "{{7*7}}",
        "key-1\0",
        "key-1\n",
        "KEY-1",
        "ｋey-1",
        "\ud800",
        "<script>alert(1)</script>",
        "k" * 1024,
        "",
        "null",
    ],
)
def test_a_kid_that_is_more_than_a_name(target: Target, kid: str) -> None:
    header = jose.HEADER | {"kid": kid}
    for signed in (
        jose.rs256(target.claims(), rsa_key(STRANGER), header),
        jose.hs256(target.claims(), b"", header | {"alg": "RS256"}),
    ):
        target.refuses(signed, "key-unknown")


@pytest.mark.parametrize(
    "kid", [1, 0, True, ["key-1"], {"key-1": 1}, 1.5, "k" * 1025, "k" * 20_000]
)
def test_a_kid_of_another_type_or_size(target: Target, kid: Any) -> None:
    token = jose.rs256(target.claims(), rsa_key("lms"), jose.HEADER | {"kid": kid})
    target.refuses(token, "token-malformed")


def test_a_claim_that_stands_twice(target: Target) -> None:
    """One reader would take the first, another the last."""
    for name, forged in (("sub", "admin"), ("nonce", "x"), ("iss", "https://evil.example")):
        honest = json.dumps(target.claims())
        twice = "{" + f'"{name}": "{forged}", ' + honest[1:]
        target.refuses(jose.rs256(twice.encode(), rsa_key("lms")), "token-malformed")
    escaped = '{"\\u0073ub": "admin", ' + json.dumps(target.claims())[1:]
    target.refuses(jose.rs256(escaped.encode(), rsa_key("lms")), "token-malformed")


def test_a_name_that_stands_twice_deep_inside(target: Target) -> None:
    honest = json.dumps(target.claims(lti_custom={"instrument": "self-assessment-1"}))
    twice = honest.replace('{"instrument"', '{"instrument": "self-assessment-2", "instrument"')
    assert twice != honest
    target.refuses(jose.rs256(twice.encode(), rsa_key("lms")), "token-malformed")


def test_a_header_that_says_two_things(target: Target) -> None:
    for header in (
        b'{"alg": "none", "alg": "RS256", "kid": "key-1"}',
        b'{"alg": "RS256", "kid": "key-1", "kid": "key-2"}',
    ):
        target.refuses(jose.rs256(target.claims(), rsa_key("lms"), header), "token-malformed")


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize(
    "written",
    [
        "1e999",
        "-1e999",
        "1" + "0" * 400,
        "-1" + "0" * 400,
        "1" + "0" * 5000,
        "-1",
        "253402300800",
        "NaN",
        "Infinity",
        "true",
        '"4102444800"',
        "[4102444800]",
        "{}",
        "1e308",
    ],
)
def test_a_time_that_is_no_time(target: Target, name: str, written: str) -> None:
    if name == "nbf" and written in {"-1", "-1e999", "-1" + "0" * 400}:
        written = "true"
    claims = target.claims(**{name: "@"})
    payload = json.dumps(claims).replace('"@"', written).encode()
    target.refuses(
        jose.rs256(payload, rsa_key("lms")),
        "claim-missing",
        "token-malformed",
        "token-from-the-future",
    )


@pytest.mark.parametrize("depth", [500, 5_000, 15_000])
@pytest.mark.parametrize("pair", ["[]", "{}"])
def test_json_nested_out_of_reason(target: Target, depth: int, pair: str) -> None:
    opened = "[" if pair == "[]" else '{"a":'
    nested = opened * depth + "1" + pair[1] * depth
    payload = json.dumps(target.claims(lti_roles="@")).replace('"@"', nested).encode()
    target.refuses(
        jose.rs256(payload, rsa_key("lms")), "token-malformed", "token-too-large", "claim-wrong"
    )
    header = json.dumps(jose.HEADER)[:-1] + f', "x": {nested}}}'
    answer = target.send(jose.rs256(target.claims(exp=0), rsa_key("lms"), header.encode()))
    assert answer.status_code in {400, 401}


@pytest.mark.parametrize(
    "critical",
    [
        {"crit": ["b64"], "b64": False},
        {"crit": ["exp"]},
        {"crit": []},
        {"crit": None},
        {"crit": "exp"},
    ],
)
def test_extensions_that_must_be_understood(target: Target, critical: dict[str, Any]) -> None:
    token = jose.rs256(target.claims(), rsa_key("lms"), jose.HEADER | critical)
    target.refuses(token, "token-malformed")


def test_a_payload_that_is_not_encoded_or_is_compressed(target: Target) -> None:
    """RFC 7797 without `crit`, and `zip`, which only JWE knows: the payload is read as it is."""
    import zlib

    raw = json.dumps(target.claims()).encode()
    for header, payload in (
        (jose.HEADER | {"zip": "DEF"}, zlib.compress(raw)),
        (jose.HEADER | {"b64": False}, jose.part(raw).encode()),
    ):
        target.refuses(jose.rs256(payload, rsa_key("lms"), header), "token-malformed")


def test_tokens_of_another_shape(target: Target) -> None:
    honest = jose.rs256(target.claims(), rsa_key("lms"))
    header, payload, signature = honest.split(".")
    own_json = {"payload": payload, "protected": header, "signature": signature}
    for token in (
        f"{header}..{signature}",  # detached
        f"{header}.{payload}",
        f"{header}.{payload}.",
        f"{header}.{payload}.{signature}.",
        f".{header}.{payload}.{signature}",
        f"{header}.{payload}.{signature}.{signature}.{signature}",  # as many parts as a JWE
        f"{header}.{payload}..{signature}",
        json.dumps(own_json),  # JWS JSON serialisation
        json.dumps({"payload": payload, "signatures": [own_json]}),
        f"{honest}={'='}",
        honest.replace("-", "+").replace("_", "/") + "=",
        f" {honest}",
        f"{honest}\n",
        f"{honest}\0",
        honest.replace(".", " . "),
        f"{header}.{payload}.{signature[:-4]}",
        f"{header}.{payload}.{'A' * len(signature)}",
        f"{header}.{payload}.{signature * 2}",
        "." * 60_000,
        "..",
        "",
    ):
        target.refuses(token, "token-malformed", "signature-wrong")


def test_an_encrypted_token_where_a_signed_one_belongs(target: Target) -> None:
    from jwcrypto import jwe
    from jwcrypto import jwk as keys

    public = keys.JWK(**jose.jwk(rsa_key("lms")))
    protected = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "key-1", "cty": "JWT"}
    sealed = jwe.JWE(json.dumps(target.claims()).encode(), json.dumps(protected))
    sealed.add_recipient(public)
    target.refuses(sealed.serialize(compact=True), "token-malformed")


def test_a_signature_of_another_padding_or_hash(target: Target) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    text = jose.signing_input(target.claims(), jose.HEADER)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    for kind, hashed in (
        (pss, hashes.SHA256()),
        (padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303 - the attack
        (padding.PKCS1v15(), hashes.SHA512()),
    ):
        made = rsa_key("lms").sign(text.encode(), kind, hashed)
        target.refuses(f"{text}.{jose.encoded(made)}", "signature-wrong")


def test_a_signature_over_something_else(target: Target) -> None:
    """The LMS did sign that signature, for another person."""
    header, _, signature = jose.rs256(target.claims(sub="amina"), rsa_key("lms")).split(".")
    swapped = f"{header}.{jose.part(target.claims(sub='tara'))}.{signature}"
    target.refuses(swapped, "signature-wrong")


def test_a_signature_by_an_elliptic_curve(target: Target) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    target.refuses(jose.es256(target.claims(), key), "algorithm-refused")
    target.refuses(jose.es256(target.claims(), key, jose.HEADER), "signature-wrong")


ISSUERS = [
    "https://lms.example/",
    "https://LMS.example",
    "HTTPS://lms.example",
    "http://lms.example",
    "https://lms.example:443",
    " https://lms.example",
    "https://lms.example ",
    "https://lms.example\n",
    "https://lms.example\0",
    "https://lms.example.",
    "https://lms.example?",
    "https://lms.example#",
    "https://lms.example/.",
    "https://lms.examplе",  # Cyrillic е
    "https://ⅼms.example",  # small Roman numeral fifty
    "https://lms。example",
    "https://lms．example",
    "https://lms.exam\u00adple",
    "https://lms.example\u200b",
    "https://ｌｍｓ.example",
    "https://lms.example\ud800",
    "https%3A//lms.example",
    "//lms.example",
    "lms.example",
    ["https://lms.example"],
    {"https://lms.example": 1},
    None,
    1,
    "",
]


@pytest.mark.parametrize("issuer", ISSUERS)
def test_an_issuer_that_only_looks_like_ours(target: Target, issuer: Any) -> None:
    target.refuses(jose.rs256(target.claims(iss=issuer), rsa_key("lms")), "issuer-wrong")


@pytest.mark.parametrize("issuer", [i for i in ISSUERS if isinstance(i, str)])
def test_a_login_by_an_issuer_that_only_looks_like_ours(target: Target, issuer: str) -> None:
    if "\ud800" in issuer:
        issuer = "https://lms.example%ED%A0%80"
    answer = target.browser().post("/lti/login", data=target.lms.initiation() | {"iss": issuer})
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_an_issuer_composed_in_another_normal_form_is_another_issuer(target: Target) -> None:
    sent = target.lms.initiation() | {"iss": "https://lms.exa\u006d\u0301ple"}
    assert target.browser().post("/lti/login", data=sent).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "client-2"},
        {"aud": ["client-2"]},
        {"aud": []},
        {"aud": {"client-1": True}},
        {"aud": None},
        {"aud": "client-1 "},
        {"aud": "CLIENT-1"},
        {"aud": "client-1,client-2"},
        {"aud": ["client-1", "client-2"]},
        {"aud": ["client-1", "client-2"], "azp": "client-2"},
        {"aud": ["client-1", "client-2"], "azp": None},
        {"aud": ["client-1", "client-2"], "azp": ["client-1"]},
        {"aud": ["client-1", 1], "azp": "client-1"},
        {"aud": ["client-1", ["client-1"]], "azp": "client-1"},
        {"aud": "client-1", "azp": "client-2"},
        {"aud": "client-1", "azp": ""},
    ],
)
def test_a_token_meant_for_somebody_else(target: Target, changes: dict[str, Any]) -> None:
    token = jose.rs256(target.claims(**changes), rsa_key("lms"))
    target.refuses(token, "audience-wrong", "authorised-party-wrong")


@pytest.mark.parametrize("nonce", ["", "x", None, [], {}, 1, True, "\ud800", "n" * 10_000])
def test_a_nonce_that_we_did_not_give(target: Target, nonce: Any) -> None:
    token = jose.rs256(target.claims(nonce=nonce), rsa_key("lms"))
    target.refuses(token, "nonce-wrong", "claim-missing")


def test_an_old_token_and_one_of_the_future(target: Target) -> None:
    now = int(time.time())
    for changes in (
        {"exp": now - 61},
        {"exp": now - 10_000, "iat": now - 10_060},
        {"iat": now + 120},
        {"nbf": now + 120},
        {"exp": 0},
    ):
        target.refuses(
            jose.rs256(target.claims(**changes), rsa_key("lms")),
            "token-expired",
            "token-from-the-future",
        )


def test_the_login_that_all_of_these_were_sent_to_is_still_good(target: Target) -> None:
    target.refuses(jose.rs256(target.claims(), rsa_key(STRANGER)), "signature-wrong")
    target.still_lets_the_honest_one_in()


def test_unknown_roles_give_nothing(target: Target) -> None:
    near = "http://purl.imsglobal.org/vocab/lis/v2/membership"
    for roles in (
        [],
        [f"{near}#instructor"],
        [f"{near}#Instructor "],
        [f"https{near[4:]}#Instructor"],
        [f"{near}-other#Instructor"],
        [f"http://evil.example/{near}#Instructor"],
        ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor"],
        ["Instructor,Learner"],
        [f"{near}#Іnstructor"],
        [f"{near}#Observer"],
    ):
        claims = target.claims(**{CLAIM + "roles": roles})
        target.refuses(jose.rs256(claims, rsa_key("lms")), "role-unknown", "claim-wrong")
