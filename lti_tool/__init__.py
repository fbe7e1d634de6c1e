"""The IMHCF learning tool: self-assessment and portfolio inside a learning platform, by LTI 1.3."""
