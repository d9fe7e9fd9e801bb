use crate::interleave::operation::{Operation, Task};
use crate::interleave::schedule::Schedule;

/// The number of orders of the steps to try for each smaller schedule.
const ORDERS: u64 = 30;

/// Returns all schedules with one task, operation, change, or pause fewer than this one, each with several orders of
/// the steps. The most promising schedules come first.
pub(crate) fn smaller(schedule: &Schedule) -> impl Iterator<Item = Schedule> + use<> {
    let mut found = Vec::new();
    for (at, _) in schedule.tasks.iter().enumerate() {
        // A fault refers to a task by index: removing an earlier task would assign the fault to another task.
        let fault = schedule.fault.filter(|fault| fault.task != at);
        if schedule.fault.is_none() || fault.is_some_and(|fault| at > fault.task) {
            let mut less = schedule.clone();
            less.tasks.remove(at);
            found.push(less);
        }
    }
    for (at, task) in schedule.tasks.iter().enumerate() {
        found.extend(lesser(task).map(|task| {
            let mut less = schedule.clone();
            less.tasks[at] = task;
            less
        }));
    }
    for (at, task) in schedule.before.iter().enumerate() {
        found.extend(lesser(task).map(|task| {
            let mut less = schedule.clone();
            less.before[at] = task;
            less
        }));
    }
    if schedule.pauses {
        found.push(Schedule { pauses: false, ..schedule.clone() });
    }
    (0..ORDERS).flat_map(move |order| {
        let found = found.clone();
        found.into_iter().map(move |less| Schedule { order: less.order.wrapping_add(order), ..less })
    })
}

/// Returns the variants of a task with one operation fewer, or with one change fewer in an operation.
fn lesser(task: &Task) -> impl Iterator<Item = Task> {
    let fewer = (0..task.operations.len()).map(|at| {
        let mut less = task.clone();
        less.operations.remove(at);
        less
    });
    let mut found: Vec<Task> = fewer.collect();
    for (at, operation) in task.operations.iter().enumerate() {
        let Operation::Visit(visit) = operation else { continue };
        if visit.mutations.len() > 1 {
            for mutation in 0..visit.mutations.len() {
                let mut visit = visit.clone();
                visit.mutations.remove(mutation);
                let mut less = task.clone();
                less.operations[at] = Operation::Visit(visit);
                found.push(less);
            }
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(schedule: &Schedule) -> usize {
        let tasks = schedule.before.iter().chain(&schedule.tasks);
        let operations = tasks.clone().flat_map(|task| &task.operations);
        let mutations = operations.map(|operation| match operation {
            Operation::Visit(visit) => 1 + visit.mutations.len(),
            Operation::Revoke { .. } | Operation::Sweep => 1,
        });
        mutations.sum::<usize>() + tasks.count() + usize::from(schedule.pauses)
    }

    #[test]
    fn every_smaller_schedule_is_smaller() {
        for seed in 0..50 {
            let schedule = Schedule::random(seed);
            assert!(smaller(&schedule).all(|less| size(&less) < size(&schedule)), "{seed}");
        }
    }
}
