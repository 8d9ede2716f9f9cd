"""Intake: from the files of the inbox to rows of landing and staging."""
