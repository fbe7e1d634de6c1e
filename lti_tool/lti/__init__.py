"""LTI 1.3 Advantage, the tool's side, pure: no Flask, no SQL, HTTP only through `HttpClient`.

`launch` verifies a token into a frozen `Launch`; `keysets` and `access_tokens` hold what an LMS
lent us; `scores` (AGS) and `roster` (NRPS) speak to its services; `platforms` knows what one LMS
does differently.
"""
