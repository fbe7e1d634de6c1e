"""The instruments of the framework, loaded and checked from `frameworks/`."""
