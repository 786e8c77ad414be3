/** Colours of volumes, the same as in convlib/diagrams/volumes.py. */

/** Of a part, the colours of front, top and right side. */
export const SHADES = {
  input: {
    plain: { front: "#cfe3f2", top: "#e3eff8", right: "#b3cde0" },
    chosen: { front: "#0072b2", top: "#3390c5", right: "#005a8d" },
  },
  kernel: {
    plain: { front: "#f8dcae", top: "#fbebd0", right: "#e3c593" },
    chosen: { front: "#a65300", top: "#be7b3a", right: "#833f00" },
  },
  output: {
    plain: { front: "#c3e6d8", top: "#dbf0e8", right: "#a5cfbe" },
    chosen: { front: "#00775a", top: "#33947d", right: "#005b45" },
  },
};
export const OTHER = { front: "#dcdcdc", top: "#ebebeb", right: "#c4c4c4" };
