"""What sources say of people: one value shown, all of them kept."""
