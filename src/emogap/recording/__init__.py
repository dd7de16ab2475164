"""Reading what devices wrote: gaze exports, study folders, videos. The only room that opens such files.

Read ``opening`` first, then a reader of the shelf ``readers``.
"""

from emogap.recording.opening import READERS, open_recording, open_recordings

__all__ = ["READERS", "open_recording", "open_recordings"]
