"""What tutors read across rooms: their course, and one learner in it."""
