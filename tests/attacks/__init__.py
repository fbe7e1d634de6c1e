"""What must not work: each test is one attack, tried from outside, and refused."""
