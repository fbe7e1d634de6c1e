"""From a verified launch to an open session, in a browser that perhaps keeps no cookies."""
