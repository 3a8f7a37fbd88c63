"""OpenCV: makes an upright, evenly lit page out of a photograph."""
