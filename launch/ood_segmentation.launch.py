"""Starts the node; `ros2 launch fm_ood_ros ood_segmentation.launch.py --show-args` lists the arguments.

Values given here win over the parameter file, and that wins over the node's defaults.
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from launch import LaunchContext, LaunchDescription

TOPICS = {
    "points": ("~/input/points", "Cloud of the LiDAR, sensor_msgs/PointCloud2."),
    "image": ("~/input/image", "Image of the camera; its compressed transport is <image>/compressed."),
    "camera_info": ("~/input/camera_info", "Calibration of the camera, sensor_msgs/CameraInfo."),
    "output_points": ("~/output/points", "The cloud with class_id, probability and anomaly_score."),
    "output_points_colored": ("~/output/points_colored", "The cloud coloured by class, unknown points red, for RViz."),
    "output_class_mask": ("~/output/class_mask", "Class of every pixel, mono8, 255 = not judged."),
    "output_anomaly_map": ("~/output/anomaly_map", "Anomaly score of every pixel, 32FC1, NaN = not judged."),
    "output_overlay": ("~/output/overlay", "The image with the judged points drawn over it, rgb8."),
}
TEXTS = {
    "model": "Folder of the model bundle (default: the shipped one).",
    "calibration_file": "YAML with camera and T_camera_lidar (default: extrinsics of the parameter file).",
    "site": "Site file of `ros2 run fm_ood_ros calibrate` (default: as in the parameter file).",
    "image_transport": "raw or compressed (default: as in the parameter file).",
}


def generate_launch_description() -> LaunchDescription:
    """The arguments and the node."""
    config = Path(get_package_share_directory("fm_ood_ros")) / "config" / "ood_segmentation.yaml"
    arguments = [
        DeclareLaunchArgument("name", default_value="ood_segmentation", description="Name of the node."),
        DeclareLaunchArgument("namespace", default_value="", description="Namespace of the node."),
        DeclareLaunchArgument("config", default_value=str(config), description="Parameter file."),
        DeclareLaunchArgument(
            "use_sim_time", default_value="false", choices=["true", "false"], description="Take the time from /clock."
        ),
    ]
    arguments += [DeclareLaunchArgument(n, default_value=d, description=t) for n, (d, t) in TOPICS.items()]
    arguments += [DeclareLaunchArgument(n, default_value="", description=text) for n, text in TEXTS.items()]
    return LaunchDescription([*arguments, OpaqueFunction(function=_node)])


def _node(context: LaunchContext) -> list[Node]:
    def value(name: str) -> str:
        return LaunchConfiguration(name).perform(context)

    given = {name: ParameterValue(value(name), value_type=str) for name in TEXTS if value(name)}
    remappings = [(topic, value(name)) for name, (topic, _) in TOPICS.items()]
    remappings.append(("~/input/image/compressed", value("image") + "/compressed"))
    return [
        Node(
            package="fm_ood_ros",
            executable="ood_segmentation",
            name=value("name"),
            namespace=value("namespace"),
            output="screen",
            parameters=[value("config"), {**given, "use_sim_time": value("use_sim_time") == "true"}],
            remappings=remappings,
        )
    ]
