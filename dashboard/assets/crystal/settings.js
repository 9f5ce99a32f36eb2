// What the widget of weas is told whatever is drawn, and two crystals to begin with
export const QUIET = {
  controls: { enabled: false },
  buttons: { enabled: false },
  timeline: { enabled: false },
  atomLegend: { enabled: false },
  meshLegend: { enabled: false },
};

export const FIXED = {
  logLevel: "error",
  modelStyle: 1,
  colorBy: "Element",
  colorType: "JMOL",
  colorRamp: ["red", "blue"],
  radiusType: "Covalent",
  materialType: "Standard",
  atomLabelType: "None",
  showBondedAtoms: false,
  showHydrogenBonds: false,
  showOutBoundaryBonds: false,
  hideLongBonds: true,
  atomScales: [],
  modelSticks: [],
  modelPolyhedras: [],
  volumetricData: { values: [] },
  fermiData: {},
  imageData: "",
  vectorField: {},
  showVectorField: false,
  currentFrame: 0,
  instancedMeshPrimitive: [],
  anyMesh: [],
  text: [],
  cameraType: "Orthographic",
  cameraSetting: {},
  js_task: {},
  python_task: {},
  stateSnapshot: {},
  speciesSettings: {},
  bondSettings: {},
  isoSettings: {},
  fermiSettings: {},
  sliceSettings: {},
  phonon: {},
  measurementSettings: {},
  animationState: {},
  showAtomLegend: false,
  continuousUpdate: false,
  selectedAtomsIndices: [],
  boundary: [
    [0, 1],
    [0, 1],
    [0, 1],
  ],
  debug: false,
};

// The widget is set up without atoms, for until that is done it paints at every step
export const NO_ATOMS = {
  symbols: [],
  species: {},
  positions: [],
  cell: [0, 0, 0, 0, 0, 0, 0, 0, 0],
  pbc: [false, false, false],
  attributes: { atom: {}, species: {} },
};
export const EMPTY = { atoms: NO_ATOMS, species: {}, bonds: {} };

// Has of everything that a crystal may have: two elements, a bond, a cell and a marked atom
export const SAMPLE = {
  atoms: {
    ...NO_ATOMS,
    symbols: ["Na", "Cl"],
    species: { Na: "Na", Cl: "Cl" },
    positions: [
      [0, 0, 0],
      [2, 0, 0],
    ],
    cell: [4, 0, 0, 0, 4, 0, 0, 0, 4],
  },
  species: Object.fromEntries(
    ["Na", "Cl"].map((symbol) => [symbol, { element: symbol, symbol, radius: 1, color: "#888888" }]),
  ),
  bonds: { "Na-Cl": { specie1: "Na", specie2: "Cl", color1: "#888888", color2: "#888888", min: 0, max: 3, type: 0 } },
};
