"""The words of the briefings' button on the statistics page and of the page that lists them: see texts.py."""

EXPORT_TEXTS = {
    "export.title": ("生成通报", "Briefing"),
    "export.hint.title": ("按当前周期与辖区生成，含全部类别", "Of this period and jurisdiction, all categories"),
    "export.waiting.title": ("排队中", "waiting"),
    "export.working.title": ("正在生成", "being written"),
    "export.done.title": ("下载", "Download"),
    "export.failed.title": ("未能生成", "could not be written"),
    "export.list.title": ("已生成的通报", "All briefings"),
}

LIST_TEXTS = {
    "page": ("通报", "Briefings"),
    "back": ("统计研判", "Statistics"),
    "language": ("EN", "中文"),
    "none": ("还没有生成过通报。", "None has been written yet."),
    "title": ("名称", "Title"),
    "period": ("时段", "Period"),
    "scope": ("辖区", "Jurisdiction"),
    "lang": ("语言", "Language"),
    "data": ("数据时间", "Data time"),
    "made": ("生成时间", "Written"),
    "files": ("文件与校验和（SHA-256）", "Files and checksums (SHA-256)"),
}
