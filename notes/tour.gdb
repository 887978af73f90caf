# The stops of the machine, as breakpoints with names. The tour (NOTES.md) says what each is.
#
#     cargo build --example echo_server
#     gdb -x notes/tour.gdb target/debug/examples/echo_server
#     (gdb) only $fire
#     (gdb) run
#
# Each is a function that a dev build really calls, in a program that is observed and in one that
# is not. (Except `$poll`: a program that only steps its runtime, such as `watch`, does not contain it. gdb then
# says "not defined".) `stops` lists them; `only $park` leaves one of them on, `all` all of them. A number is
# what gdb knows a breakpoint by, and the names are variables that hold it.

set breakpoint pending on
set print thread-events off

# A future becomes a task: it gets a slot, and goes on the run queue.
break runtime::machine::run_queue::RunQueue::new_slot
set $spawn = $bpnum

# A task's turn. It is compiled twice. An observed program uses the second; one that is not observed uses both.
break runtime::machine::executor::Executor::poll_task<false>
set $poll = $bpnum
break runtime::machine::executor::Executor::poll_task<true>
set $poll_observed = $bpnum

# A task is woken. One frame up and more: who wakes it.
break runtime::machine::run_queue::RunQueue::wake
set $wake = $bpnum

# Nothing is ready: the thread goes to sleep.
break runtime::machine::driver::Driver::park
set $park = $bpnum

# It is back.
break runtime::machine::inbox::Inbox<runtime::machine::task::header::Message>::unparked<runtime::machine::task::header::Message>
set $unpark = $bpnum

# The wheel is asked what is due, and what is due is woken.
break runtime::machine::timers::Timers::fire
set $fire = $bpnum

# The operating system says that a source is ready.
break runtime::machine::reactor::Reactor::note
set $ready = $bpnum

define stops
  printf "spawn %d   poll %d, observed %d   wake %d   park %d   unpark %d   fire %d   ready %d\n", \
    $spawn, $poll, $poll_observed, $wake, $park, $unpark, $fire, $ready
end
document stops
The numbers of the tour's breakpoints.
end

define only
  disable
  enable $arg0
end
document only
Leaves one breakpoint on: only $park
end

define all
  enable
end
document all
Turns all breakpoints on again.
end
