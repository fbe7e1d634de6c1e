"""What a learner plans and has done: goals and training records."""
