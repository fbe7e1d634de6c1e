"""Uploads in pieces: begun, received as far as the connection holds, finished or abandoned."""
