"""Points that come back: asked, seen on the spot, decided."""
