//! The ledger of the document printer.

use super::*;

fn order(name: &str, ordered: u32) -> NewPrintJob {
    NewPrintJob { kind: PrintKind::Print, job_name: name.into(), ordered, two_sided: false, quota_job: None }
}

#[tokio::test]
async fn an_order_that_the_last_run_left_open_is_found_with_what_the_printer_had_said() {
    let place = fresh().await;
    let settled = place.store.print_asked(&order("a", 2)).await.unwrap();
    let counts = PageCounts { printed: 2, ..PageCounts::default() };
    place.store.print_ended(settled, counts).await.unwrap();
    let open = place.store.print_asked(&order("b", 5)).await.unwrap();
    place.store.print_sending(open).await.unwrap();
    place.store.print_accepted(open, 17).await.unwrap();
    place.store.print_progress(open, 3).await.unwrap();
    place.store.print_progress(open, 1).await.unwrap();
    let place = place.crash().await;
    let found = place.store.open_print_jobs().await.unwrap();
    let expected = OpenPrintJob {
        job_no: open,
        job_name: "b".into(),
        printer_job_id: Some(17),
        ordered: 5,
        two_sided: false,
        printed: 3,
    };
    assert_eq!(found, [expected]);
    assert_eq!(place.store.print_counts(open).await.unwrap(), None);
    assert_eq!(place.store.print_counts(settled).await.unwrap(), Some(counts));
}

#[tokio::test]
async fn an_order_of_which_nothing_was_sent_is_not_printed_after_a_crash() {
    let place = fresh().await;
    let asked = place.store.print_asked(&order("a", 3)).await.unwrap();
    let place = place.crash().await;
    assert!(place.store.open_print_jobs().await.unwrap().is_empty());
    let counts = place.store.print_counts(asked).await.unwrap();
    assert_eq!(counts, Some(PageCounts { not_printed: 3, ..PageCounts::default() }));
}

#[tokio::test]
async fn counts_that_do_not_add_up_are_refused_and_a_settled_order_is_not_settled_again() {
    let place = fresh().await;
    let job = place.store.print_asked(&order("a", 4)).await.unwrap();
    let short = PageCounts { printed: 1, not_printed: 1, not_certain: 1 };
    assert!(place.store.print_ended(job, short).await.is_err());
    assert_eq!(place.store.open_print_jobs().await.unwrap().len(), 1);
    let whole = PageCounts { printed: 2, not_printed: 1, not_certain: 1 };
    place.store.print_ended(job, whole).await.unwrap();
    place.store.print_ended(job, PageCounts { printed: 4, ..PageCounts::default() }).await.unwrap();
    place.store.print_cancelling(job).await.unwrap();
    assert_eq!(place.store.print_counts(job).await.unwrap(), Some(whole));
}

#[tokio::test]
async fn totals_count_a_two_sided_sheet_once() {
    let place = fresh().await;
    for (name, two_sided) in [("a", false), ("b", true)] {
        let job = place.store.print_asked(&NewPrintJob { two_sided, ..order(name, 3) }).await.unwrap();
        let counts = PageCounts { printed: 3, ..PageCounts::default() };
        place.store.print_ended(job, counts).await.unwrap();
    }
    let totals = place.store.print_totals().await.unwrap();
    assert_eq!((totals.pages.printed, totals.sheets), (6, 5));
}

#[tokio::test]
async fn the_hall_is_told_of_a_settled_order_until_it_knows_also_after_a_crash() {
    let place = fresh().await;
    let charged = NewPrintJob { quota_job: Some("6f0d".into()), ..order("a", 4) };
    let job = place.store.print_asked(&charged).await.unwrap();
    place.store.print_asked(&order("b", 2)).await.unwrap();
    assert!(place.store.quota_due().await.unwrap().is_empty(), "not settled yet");
    place.store.print_sending(job).await.unwrap();
    let counts = PageCounts { printed: 3, not_printed: 0, not_certain: 1 };
    place.store.print_ended(job, counts).await.unwrap();
    let place = place.crash().await;
    let due = place.store.quota_due().await.unwrap();
    assert_eq!(due, [QuotaDue { job_no: job, quota_job: "6f0d".into(), counts }]);
    place.store.quota_settled(job).await.unwrap();
    let place = place.crash().await;
    assert!(place.store.quota_due().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_reservation_whose_order_was_never_sent_is_given_back_after_a_crash() {
    let place = fresh().await;
    let charged = NewPrintJob { quota_job: Some("6f0d".into()), ..order("a", 4) };
    place.store.print_asked(&charged).await.unwrap();
    let place = place.crash().await;
    let due = place.store.quota_due().await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].counts, PageCounts { not_printed: 4, ..PageCounts::default() });
}
