"""The shelf of frame encoders.

An entry defines ``open_encoder(weights: Path | None = None) -> Encoder``; torch, transformers and onnxruntime are
loaded by that call, not before. Without a path an entry takes its weights from the folder of weights; an entry that
needs no weights refuses a path to some, because they would not be used.

To use one::

    encoder = ENCODERS.open("fer_onnx").open_encoder()
    pictures = np.stack([crop_face(frame, face, encoder.crop) for frame, face in found])
    features = encoder.encode(pictures)
    if encoder.express is not None:
        expressions = to_emotion7(encoder.express(pictures))
"""

from emogap.shelf import Shelf

__all__ = ["ENCODERS"]

ENCODERS = Shelf("emogap.preprocessing.face.encoders", kind="frame encoder", defines=("open_encoder",))
