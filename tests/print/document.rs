//! Documents as citizens bring them, made here.

/// A PDF of A4 pages, each with a thick frame and a bar whose place tells its number.
pub fn pdf(pages: usize) -> Vec<u8> {
    of_a4((0..pages).map(|page| format!("20 w 60 60 475 722 re S 0.2 g 100 {} 300 40 re f", 700 - 80 * page)))
}

/// A PDF of A4 pages hatched so finely that each takes megabytes on its way to the printer.
pub fn hatched_pdf(pages: usize) -> Vec<u8> {
    let lines: String = (-300..600).step_by(3).map(|x| format!("{x} 0 m {} 842 l ", x + 300)).collect();
    of_a4((0..pages).map(|_| format!("0.6 w {lines}S")))
}

/// A PDF with these contents of pages.
fn of_a4(contents: impl ExactSizeIterator<Item = String>) -> Vec<u8> {
    let pages = contents.len();
    let mut objects: Vec<String> = vec!["<< /Type /Catalog /Pages 2 0 R >>".to_owned()];
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
    objects.push(format!("<< /Type /Pages /Count {pages} /Kids [{}] >>", kids.join(" ")));
    for (page, content) in contents.enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> /Contents {} 0 R >>",
            4 + 2 * page
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n{object}\nendobj\n", number + 1).as_bytes());
    }
    let start = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for place in places {
        out.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let trailer = format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    out.extend_from_slice(trailer.as_bytes());
    out
}
