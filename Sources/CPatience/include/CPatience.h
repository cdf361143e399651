/// Linked into an executable, this shortens how long libgomp's threads spin while they wait for each other; there is
/// nothing to call.
