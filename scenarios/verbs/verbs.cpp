#include <array>

#include "scenarios/verbs/verb.h"

namespace scenarios {

std::span<const VerbEntry> verbs() {
  static constexpr std::array<VerbEntry, 13> table = {{
      {"run", "optimises, simulates the best plans, stores and shows them",
       "run scenarios/examples/quickstart.yaml\n"
       "run my.yaml -j 2 --set optimizer.budget=500 --out out/short",
       "Results go to DIR/runs, one file per run; runs that are stored there already are not run\n"
       "again. Ctrl-C stores what is found so far; the next call takes it up again. Exit code 1: "
       "some\n"
       "runs were refused (why is told, the others are done and stored), failed, or found no plan "
       "that\n"
       "holds all limits; 2: no run can be done; 4: an answer is not what 'expect:' says.",
       make_run},
      {"show", "table of runs, best plan, Pareto set; where time and energy went",
       "show out/quickstart\nshow out/quickstart --run lanes=8",
       "Without --run, details are those of the run with the best plan.", make_show},
      {"simulate", "executes a given plan and prints its outcome; no search",
       "simulate scenarios/examples/quickstart.yaml --plan plan.json",
       "Of a sweep, the first run's problem is taken unless --run says which. A plan comes from\n"
       "'partwise export DIR --to json' or from your own hand. Exit code 1: it cannot be executed.",
       make_simulate},
      {"explain", "what bounds the best plan, and what one step more of each thing would buy",
       "explain out/quickstart\nexplain out/quickstart --run lanes=8",
       "Every step is simulated: the next width of a link, a device 10 % faster, a coarser "
       "precision,\n"
       "memory for one more request. The plan stays as it is; a search may gain more.",
       make_explain},
      {"export", "writes plan, timeline or tables for other programs",
       "export out/quickstart --to json --output plan.json\n"
       "export out/quickstart --to perfetto --output trace.json\n"
       "export out/quickstart --to json --what timeline --output timeline.json",
       "WHAT is 'plan' (json; 'simulate' reads it), 'timeline' (json, which 'verify' reads, csv "
       "or\n"
       "perfetto, which ui.perfetto.dev opens), 'outcome' (json), 'run' (json: all of a run), "
       "'runs'\n"
       "or 'plans' (csv tables). Standard: json gives the plan, csv the runs, perfetto the "
       "timeline.",
       make_export},
      {"verify", "checks an exported timeline against the laws, with code of its own",
       "verify timeline.json",
       "A timeline comes from 'partwise export DIR --to json --what timeline'. Exit code 4: a law "
       "is\n"
       "broken.",
       make_verify},
      {"check", "reads files strictly, prints every fault with its place, runs nothing",
       "check scenarios/examples/quickstart.yaml",
       "Scenarios, platform files and ONNX files. Exit code 2: there are faults.", make_check},
      {"inspect", "operators, tensors, MACs, parameters, bytes, and what cannot be costed",
       "inspect resnet50\ninspect my.onnx --dims batch=1",
       "NETWORK is an ONNX file or a name of 'partwise list networks'.", make_inspect},
      {"infer", "computes a network on this machine, operator by operator, and times each",
       "infer my.onnx --input x.npy --compare y.npy\n"
       "infer my.onnx --input x.npy --precision bf16 --repeat 20\n"
       "infer resnet50 --random 1 --plan plan.json --ranges ranges.json",
       "Precisions other than fp32, bf16 and int8 are emulated: right in value, not in time. Exit "
       "code\n"
       "4: an output is outside |difference| <= atol + rtol x |reference|.",
       make_infer},
      {"calibrate", "finds the ranges of a network's tensors, which int8 needs",
       "calibrate my.onnx --data images.npy --output ranges.json\n"
       "calibrate my.onnx --data samples/ --method percentile --percentile 99.9 --output "
       "ranges.json\n"
       "calibrate resnet50 --random 1 --samples 4 --output ranges.json",
       "Computes every sample in fp32. An array whose first dimension is a multiple of the "
       "network's\n"
       "batch is cut into so many samples; where a network has several inputs, a sample is a .npz "
       "or\n"
       ".h5 with an array for each, by name. Open dimensions are as the first sample has them.",
       make_calibrate},
      {"place", "places a graph of given times on accelerators; says how good that is",
       "place graph.json --objective throughput\n"
       "place graph.json --objective latency --devices 4 --seconds 30 --json\n"
       "place --generate shape=layered,nodes=200,seed=1 --output made.json\n"
       "place graphs/ --compare --seconds 10",
       "Graphs are those of the placement benchmark of Tarnawski et al. (docs/formats.md; what\n"
       "counts: docs/search.md). Ctrl-C ends with the best so far. Exit code 1: no placement was "
       "found.\n"
       "RECIPE is like 'shape=training,nodes=100,devices=4,cpus=1,ratio=0.5..30,unsupported=0.1,\n"
       "colours=0.2,memory=1.3,communication=1,seed=7', each part optional; shapes are chain,\n"
       "layered, branches, training. Algorithms are those of 'list placements'; those of\n"
       "'list optimizers' can be named too, 'plan-NAME' where both have a name.",
       make_place},
      {"list", "what there is to choose from", "list optimizers\nlist devices --json",
       "WHAT is one of optimizers, placements (algorithms of 'place'), devices, links, metrics,\n"
       "precisions, operators, kernels, networks, platforms; or 'schema': the JSON Schema of\n"
       "scenario files, for editors.",
       make_list},
      {"bench", "measures how fast this machine scores and simulates plans",
       "bench --only events --seconds 0.2\nbench --json",
       "CPU time of one thread; each rate is the median of five repetitions. Ratios are taken to "
       "what\n"
       "the same call measured: 'of SimGrid' is how many times as fast, 'of floor' is time per "
       "plan "
       "in\n"
       "times of reading the compiled arrays once.",
       make_bench},
  }};
  return table;
}

}  // namespace scenarios
