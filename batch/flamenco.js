// A Flamenco 3 job type that makes DualTalk's shots: analyse -> animate -> preview, a task each.
// Put it into the folder `scripts` beside the manager; docs/batch.md says how to send a job.

const JOB_TYPE = {
  label: "DualTalk shots",
  settings: [
    {
      key: "shot_file",
      type: "string",
      subtype: "file_path",
      required: true,
      description: "The TOML file of the shots, as the workers see it",
    },
    {
      key: "shots",
      type: "string",
      required: true,
      description: "Names of the shots, separated by commas",
    },
    {
      key: "steps",
      type: "string",
      default: "analyse,animate,preview",
      description: "What is done of each: analyse, animate, preview",
    },
    {
      key: "program",
      type: "string",
      default: "dualtalk",
      description: "How the workers call DualTalk",
    },
  ],
};

const STEPS = ["analyse", "animate", "preview"];

function parts(text) {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part.length > 0);
}

function compileJob(job) {
  const settings = job.settings;
  const wanted = parts(settings.steps);
  const steps = STEPS.filter((step) => wanted.indexOf(step) >= 0);
  if (steps.length !== wanted.length) {
    throw "steps are analyse, animate and preview, not " + settings.steps;
  }
  const shots = parts(settings.shots);
  if (shots.length === 0 || steps.length === 0) {
    throw "there is nothing to do: name shots and steps";
  }
  for (const shot of shots) {
    let before = null;
    for (const step of steps) {
      const task = author.Task(shot + " " + step, step === "analyse" ? "misc" : "blender");
      task.addCommand(
        author.Command("exec", {
          exe: settings.program,
          args: ["batch", settings.shot_file, "--only", shot, "--step", step],
        }),
      );
      if (before !== null) {
        task.addDependency(before);
      }
      job.addTask(task);
      before = task;
    }
  }
}
