//! The program of the virtual machine: makes devices out of gadgets and runs the shipped drivers against them.
//! Says one line a case on the console; lines that begin with `@` are for the host.

mod cases;
mod gadget;
mod report;

fn main() {
    let mut report = report::Report::start();
    cases::id_card_reader::run(&mut report);
    cases::usbip::run(&mut report);
    cases::receipt_printer::run(&mut report);
    cases::barcode::run(&mut report);
    cases::stick::run(&mut report);
    cases::camera::run(&mut report);
    cases::udev::run(&mut report);
    cases::uart::run(&mut report);
    report.end();
}
