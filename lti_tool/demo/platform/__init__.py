"""The LTI platform: OpenID Connect login, tokens, grades and rosters, by the specifications."""
