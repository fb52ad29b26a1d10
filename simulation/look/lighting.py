"""Puts a weather's sun, sky and fog into a world."""

from __future__ import annotations

import mujoco as mj
import numpy as np

from simulation.look import textures
from simulation.look.weather import Weather
from simulation.world.world import World

SKIES = 4  # variants of each weather's sky
SUN = "sun"


def light(world: World, weather: Weather, rng: np.random.Generator) -> bool:
    """One directional light, a sky box, ambient light and fog of the horizon's colour; returns whether shadows fall."""
    spec, visual = world.spec, world.spec.visual
    height, azimuth = rng.uniform(*weather.sun_height), rng.uniform(0, 2 * np.pi)
    towards = np.array([np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)])
    world.glow = 0.9 if weather.headlight > 0.3 else 0.0
    shadows = bool(rng.random() < weather.shadows)
    strength = weather.sun * rng.uniform(0.8, 1.2)
    spec.worldbody.add_light(
        name=SUN, type=mj.mjtLightType.mjLIGHT_DIRECTIONAL, pos=list(40 * towards), dir=list(-towards),
        diffuse=list(strength * np.array(weather.sun_color)), specular=[0.2 * weather.sun] * 3, ambient=[0.02] * 3,
        castshadow=shadows,
    )  # fmt: skip
    visual.headlight.ambient = [weather.ambient * rng.uniform(0.9, 1.1)] * 3
    visual.headlight.diffuse = [weather.headlight] * 3
    visual.headlight.specular = [0.0] * 3
    sky = textures.sky(weather.sky_top, weather.sky_horizon, weather.cloud, weather.cover, int(rng.integers(SKIES)))
    box = spec.add_texture(
        name="sky", type=mj.mjtTexture.mjTEXTURE_SKYBOX, width=sky.shape[1], height=sky.shape[0], nchannel=3
    )
    box.data = sky.tobytes()
    horizon = sky[int(0.42 * sky.shape[1]) : sky.shape[1] // 2].mean((0, 1)) / 255
    visual.rgba.fog = visual.rgba.haze = [*horizon, 1.0]
    visual.map.fogstart, visual.map.fogend = weather.fog
    return shadows
