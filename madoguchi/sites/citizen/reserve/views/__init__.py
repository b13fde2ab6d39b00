"""The pages of the six steps of a booking (仕様書 4(3)ア). Each POST does one thing and is idempotent."""
