"""The LiDAR's image: what the network is told of each cell's nearest point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fm_ood_ros.geometry.mount import Mount
from fm_ood_ros.geometry.projection import Projection
from fm_ood_ros.model.input_spec import InputSpec

Points = NDArray[np.float32]


def lidar_image(
    points: Points, xyz: Points, intensity: Points, projection: Projection, mount: Mount, spec: InputSpec
) -> NDArray[np.float32]:
    """Range, x, y, z (metres) and intensity [5,H,W] float32 of each cell's visible point; zeros where there is none.

    points: [N,>=3] as sent; xyz: [N,3] in the optical frame; intensity: [N], scaled
    With the input's frame `mount` the range is measured from the camera and x, y, z are the mount's; with `lidar` all
    four are those of the cloud as sent, as published networks have them.
    """
    cell = np.flatnonzero(projection.nearest >= 0)
    point = projection.nearest[cell]
    image = np.zeros((5, projection.nearest.size), np.float32)
    if spec.frame == "lidar":
        seen = points[point, :3]
        image[0, cell] = np.sqrt(np.einsum("ij,ij->i", seen, seen))
    else:
        seen = mount(xyz[point])
        seen[:, 2] = np.clip(seen[:, 2], *spec.height)
        image[0, cell] = projection.range[point]
    image[1:4, cell] = seen.T
    image[4, cell] = intensity[point]
    return image.reshape(5, *spec.size)
