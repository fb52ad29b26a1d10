"""Packaging: the runtime alone is installed; training, export and simulation are used from a checkout."""

from pathlib import Path

from setuptools import find_packages, setup

NAME = "fm_ood_ros"
HERE = Path(__file__).parent
VERSION = {}
exec((HERE / NAME / "__init__.py").read_text(encoding="utf-8"), VERSION)

ROS = [
    f"ros-jazzy-{package}"
    for package in (
        "rclpy", "rmw-fastrtps-cpp", "sensor-msgs", "diagnostic-msgs", "geometry-msgs", "lifecycle-msgs",
        "visualization-msgs", "std-srvs",
    )
]  # fmt: skip
EXTRAS = {
    "ros": ROS,
    "replay": ["rosbags"],
    "training": ["torch", "accelerate", "safetensors"],
    "export": ["torch", "onnx", "onnxscript", "safetensors"],
    "simulation": ["mujoco", "embreex", "trimesh", "rosbags", "scikit-learn", "scipy"],
    "test": [
        "pytest", "hypothesis", "scikit-learn", "ruff", "mypy", "types-PyYAML",
        "colcon-common-extensions", "catkin_pkg",
    ],
}  # fmt: skip


def shared(folder: str, pattern: str = "*") -> list:
    """Data files of a top-level folder, for share/fm_ood_ros (paths relative to this file, as setuptools wants)."""
    files = [p.relative_to(HERE) for p in sorted((HERE / folder).rglob(pattern)) if p.is_file()]
    folders = sorted({p.parent for p in files})
    return [(f"share/{NAME}/{d}", [str(p) for p in files if p.parent == d]) for d in folders]


setup(
    name=NAME,
    version=VERSION["__version__"],
    description="Per-point semantic labels and anomaly scores from a camera and a LiDAR, for ROS 2",
    license="Apache-2.0",
    maintainer="fm_ood_ros maintainers",
    maintainer_email="maintainers@fm-ood-ros.invalid",
    packages=find_packages(include=[NAME, f"{NAME}.*"]),
    package_data={NAME: ["model/label_sets/*.yaml", "ros/*.xml", "py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        *shared("launch", "*.py"),
        *shared("config"),
        *shared("rviz"),
        *shared("models"),
    ],
    python_requires=">=3.10",
    install_requires=["numpy", "opencv-python-headless", "onnxruntime", "PyYAML"],
    extras_require=EXTRAS,
    entry_points={
        "console_scripts": [
            f"ood_segmentation = {NAME}.ros.__main__:main",
            f"calibrate = {NAME}.calibrate.__main__:main",
        ]
    },
    zip_safe=False,
)
