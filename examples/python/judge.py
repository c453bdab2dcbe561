"""judge.py MODEL IMAGE...: a line for every image, and one for every region of a defect."""
import sys

import iuf


def main(model_path, files):
    model = iuf.Model(model_path)
    for file in files:
        judgement = model.judge(file)
        print(f"{file},{judgement.score!r},{judgement.verdict},{judgement.object}")
        for region in judgement.regions:
            print(f"  {region.width} x {region.height} pixels at ({region.x}, {region.y})")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: judge.py MODEL IMAGE...")
    try:
        main(sys.argv[1], sys.argv[2:])
    except iuf.Error as error:
        sys.exit(f"judge.py: {error}")
