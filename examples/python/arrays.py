"""arrays.py MODEL: a numpy array in, as from a camera, and the map of anomaly scores out."""
import sys

import iuf
import numpy


def main(model_path):
    model = iuf.Model(model_path)
    rows, columns = numpy.mgrid[0:96, 0:128]
    picture = numpy.stack([rows * 2, columns * 2, (rows + columns) % 256], axis=-1).astype(numpy.uint8)
    judgement = model.judge(picture)
    peak = numpy.unravel_index(numpy.argmax(judgement.map), judgement.map.shape)
    print(judgement, "highest at row and column", *(int(place) for place in peak), "of", *judgement.map.shape)
    # What OpenCV gives has blue first; a part of a picture need not be copied.
    assert model.judge(picture[:, :, ::-1].copy(), bgr=True).score == judgement.score
    part = model.judge(picture[16:80, 32:96])
    assert part.score == model.judge(picture[16:80, 32:96].copy()).score
    painted = judgement.painted(picture)
    assert painted.shape == picture.shape and (painted != picture).any()
    assert judgement.map.dtype == numpy.float32 and numpy.isfinite(judgement.map).all()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: arrays.py MODEL")
    main(sys.argv[1])
