"""The warehouse's side of a night: build the marts, let the gate look at them, publish them."""
