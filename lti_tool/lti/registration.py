"""What the protocol needs to know of one LMS that we are registered with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Registration:
    """One (issuer, client_id); `id` keeps customers who share an issuer apart in every cache.

    `token_audience` is what the LMS wants in the assertion's `aud`; absent, it is `token_url`.
    `product` is the LMS's `product_family_code`, and chooses its profile in `platforms`.
    """

    id: int
    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    token_audience: str | None = None
    product: str = ""
