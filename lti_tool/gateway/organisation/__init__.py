"""An organisation's connections, as its administrators see and change them."""
