"""The kits room: what to ask. Request kits as reviewed data, and the letters made from them."""
