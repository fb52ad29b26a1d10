"""A data set in nuScenes' form around its real sample frames, which come without tables."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from simulation.output.messages import quaternion
from training.data.readers.nuscenes import CAMERAS
from training.data.readers.poses import rigid


def posed(T: np.ndarray) -> dict[str, list[float]]:
    """Rotation (w x y z) and translation, as the tables have them."""
    x, y, z, w = quaternion(T[:3, :3])
    return {"rotation": [w, x, y, z], "translation": T[:3, 3].tolist()}


def make_nuscenes(root: Path, data: Path) -> Path:
    """scene-0061: the key frame with its calibration; scene-0103: a labelled sweep with images that are not its own.

    data: the folder of all samples. The vehicle moves between sweeps and images.
    """
    keyframe, labelled = data / "nuscenes_keyframe", data / "nuscenes_lidarseg"
    facts = json.loads((keyframe / "calibration.json").read_text(encoding="utf-8"))
    for folder in ("samples", "lidarseg", "v1.0-mini"):
        (root / folder).mkdir(parents=True)
    for path in keyframe.iterdir():
        (root / "samples" / path.name).symlink_to(path)
    motion = rigid([0.99, 0.01, -0.02, 0.1], [0.6, -0.1, 0.02])
    tables = {name: [] for name in ("scene", "sample", "sample_data", "ego_pose", "lidarseg")}
    tables["sensor"] = [{"token": c, "channel": c} for c in ("LIDAR_TOP", *CAMERAS)]
    tables["calibrated_sensor"] = [{"token": "LIDAR_TOP", "sensor_token": "LIDAR_TOP", **posed(np.eye(4))}]
    for name, camera in facts["cameras"].items():
        mount = posed(np.linalg.inv(np.array(camera["T_cam_lidar"]) @ motion))
        tables["calibrated_sensor"].append(
            {"token": name, "sensor_token": name, "camera_intrinsic": camera["K"], **mount}
        )
    for number, sweep in ((61, facts["lidar"]), (103, "8.bin")):
        scene = f"scene-{number:04d}"
        tables["scene"].append({"token": scene, "name": scene})
        tables["sample"].append({"token": f"s{number}", "scene_token": scene, "timestamp": number})
        shots = {"LIDAR_TOP": sweep, **{c: facts["cameras"][c]["image"] for c in CAMERAS}}
        for channel, file in shots.items():
            token = f"{number}{channel}"
            size = {"width": 0, "height": 0} if channel == "LIDAR_TOP" else {"width": 1600, "height": 900}
            tables["sample_data"].append({
                "token": token, "sample_token": f"s{number}", "ego_pose_token": token, "timestamp": 1532402927647951,
                "calibrated_sensor_token": channel, "filename": f"samples/{file}", "is_key_frame": True, **size,
            })  # fmt: skip
            tables["ego_pose"].append({"token": token, **posed(np.eye(4) if channel == "LIDAR_TOP" else motion)})
        labels = f"lidarseg/{number}.bin"
        tables["lidarseg"].append(
            {"token": f"l{number}", "sample_data_token": f"{number}LIDAR_TOP", "filename": labels}
        )
    (root / "samples/8.bin").symlink_to(labelled / "8/points.bin")
    (root / "lidarseg/103.bin").symlink_to(labelled / "8/ground.bin")
    np.full((keyframe / facts["lidar"]).stat().st_size // 20, 24, np.uint8).tofile(root / "lidarseg/61.bin")
    for name, rows in tables.items():
        (root / "v1.0-mini" / f"{name}.json").write_text(json.dumps(rows, indent=0), encoding="utf-8")
    return root
