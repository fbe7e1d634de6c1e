"""The Recognition Register: entries, who may see them, and the credentials that vouch for them."""
