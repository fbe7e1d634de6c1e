"""The way in from an LMS and back: registrations, launches, keys, and the passback of grades."""
