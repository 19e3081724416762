"""Parts of the drafting benchmark: loads, shapes, engines, one measurement in a process of its own."""
