"""Who is in a course and in which groups, as the LMS says; notices of the LMS."""
