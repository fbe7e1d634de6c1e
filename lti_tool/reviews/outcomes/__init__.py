"""What a submission comes to: agreement, moderator, release, answers, appeals."""
