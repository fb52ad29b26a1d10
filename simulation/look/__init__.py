"""Materials, textures, light and weather."""
