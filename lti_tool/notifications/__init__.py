"""What a person is told: inside the tool, and by e-mail where the organisation set it up."""
