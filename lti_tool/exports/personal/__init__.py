"""Everything about one person, as a zip that another installation takes in."""
