"""Weather and light: what they do to the sun, the sky, the camera and the LiDAR."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Weather:
    """sun, ambient: strength of light; sun_color: RGB; sun_height: range of elevation, radians

    sky_top, sky_horizon, cloud: RGB of 255; cover: share of clouds
    fog: start and end in hundreds of metres; attenuation: of the LiDAR's pulse, per metre one way
    backscatter: share of rays returned by drops; streaks: rain streaks per image; noise: camera noise, grey levels
    shadows: share of scenes in which the sun casts them; dirt: share of scenes with a dirty or wet lens
    headlight: strength of the light from the vehicle; exposure: gain that the camera chooses
    """

    sun: float
    ambient: float
    sun_color: tuple[float, float, float]
    sun_height: tuple[float, float]
    sky_top: tuple[int, int, int]
    sky_horizon: tuple[int, int, int]
    cloud: tuple[int, int, int]
    cover: float
    fog: tuple[float, float]
    attenuation: float
    backscatter: float
    streaks: int
    noise: float
    shadows: float
    dirt: float
    headlight: float = 0.12
    exposure: float = 1.0


DAY = (0.35, 1.2)
WHITE = (1.0, 0.97, 0.92)
WEATHERS = {
    "clear": Weather(0.85, 0.45, WHITE, DAY, (70, 120, 200), (190, 210, 235), (245, 245, 250), 0.35,
                     (0.8, 3.5), 0.001, 0.0, 0, 1.5, 0.55, 0.1),
    "cloudy": Weather(0.42, 0.56, WHITE, DAY, (130, 140, 155), (190, 195, 200), (210, 212, 216), 1.0,
                      (0.4, 2.8), 0.001, 0.0, 0, 2.0, 0.0, 0.15),
    "sunset": Weather(0.75, 0.38, (1.0, 0.75, 0.5), (0.15, 0.3), (70, 80, 140), (245, 170, 110), (255, 200, 170), 0.6,
                      (0.6, 3.0), 0.001, 0.0, 0, 2.5, 0.6, 0.1, exposure=1.15),
    "fog": Weather(0.32, 0.6, WHITE, DAY, (170, 175, 180), (190, 192, 195), (185, 187, 190), 0.05,
                   (0.03, 0.6), 0.02, 0.015, 0, 2.0, 0.0, 0.25),
    "rain": Weather(0.3, 0.46, WHITE, DAY, (95, 100, 110), (140, 145, 150), (120, 124, 130), 0.7,
                    (0.12, 1.6), 0.007, 0.008, 60, 3.0, 0.0, 0.4),
    "night": Weather(0.2, 0.3, (0.8, 0.85, 1.0), DAY, (12, 14, 28), (34, 34, 50), (26, 26, 36), 0.05,
                     (0.6, 3.0), 0.001, 0.0, 0, 4.5, 0.0, 0.15, 0.5),
}  # fmt: skip
