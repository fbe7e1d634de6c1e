"""The development LMS: that it is an honest platform, and as odd as the ones it plays."""
